use std::io::{self, Write};

use clap::Args;
use indicatif::HumanBytes;
use myrhiza_api::peers::{Peer, Peers as Shown, Topic};
use unicode_width::UnicodeWidthStr as _;

use crate::context::{Context, now_ms};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::told;
use crate::text;

/// Show the nodes that this home's node is connected to
#[derive(Args)]
pub(crate) struct Peers {}

impl Peers {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let Some(lent) = &cx.lent else {
            return Err(Failure::not_found(
                "no-node",
                "there are no peers to show",
                "this home's node is not up",
                "start it with `myrhiza up`",
            ));
        };
        let (_home, runtime) = cx.open_runtime()?;
        let shown = Shown::of(&lent.status, &runtime, now_ms());
        let shown = shown.map_err(told("the topics were not read"))?;
        cx.output.print(&shown, |out| tell(&shown, out))?;
        Ok(Exit::Ok)
    }
}

fn tell(shown: &Shown, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "this node  {}", text::node(&shown.id, &shown.addresses))?;
    if shown.peers.is_empty() {
        writeln!(out, "connected to nobody; the nodes that are known of are tried again")?;
        writeln!(
            out,
            "a ticket that is made while a node of its maker's is up says where that is:"
        )?;
        writeln!(out, "`myrhiza topic join TICKET`, also where the topic is here already")?;
    }
    shown.peers.iter().try_for_each(|peer| tell_peer(peer, out))
}

fn tell_peer(peer: &Peer, out: &mut dyn Write) -> io::Result<()> {
    let opened = if peer.role == "dialer" { "from here" } else { "from there" };
    writeln!(
        out,
        "{}…  for {}, opened {opened}; sent {}, received {} with {}",
        &peer.id[..16],
        text::time(peer.seconds),
        HumanBytes(peer.sent),
        HumanBytes(peer.received),
        text::count(peer.events, "new event"),
    )?;
    if peer.points > 0 {
        writeln!(out, "  misbehaves: {} of 1000 points until it is left", peer.points)?;
    }
    let name = |topic: &Topic| text::line(&topic.name).into_owned();
    let width = peer.topics.iter().map(|topic| name(topic).width()).max().unwrap_or(0);
    peer.topics.iter().try_for_each(|topic| {
        let name = name(topic);
        let pad = " ".repeat(width - name.width());
        let events = text::count(topic.total, "event");
        let state = match topic.state {
            "complete" => format!("complete, {events}"),
            "denied" => "not shared: one of the two is not let in".into(),
            _ => format!("exchanging, {} of {events}", topic.known),
        };
        writeln!(out, "  {}  {name}{pad}  {state}", &topic.topic[..16])
    })
}

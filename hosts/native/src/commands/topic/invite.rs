use std::io::Write as _;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use myrhiza_kernel::event::Ticket;
use myrhiza_kernel::event::payload::{Admission, Terms};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_kernel_api::transport::AddressError;
use myrhiza_kernel_api::{Address, PeerAddress, PublicKey};
use serde::Serialize;

use crate::commands::ticket;
use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::runtime::{folded, take_part, told};
use crate::{qr, text};

/// Other peers that a ticket names, who have the topic too: the node it was made by may be down.
const OTHERS: usize = 2;

/// What a ticket is to be.
#[derive(Args)]
pub(crate) struct Invite {
    /// The topic's name, or the start of its id
    topic: String,
    /// How many may enter by it; 0 for any number
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// When it is over, in a time from now such as `12h` or `7d`: advice to who gets it, by the clock of
    /// their machine. `topic revoke` ends it for sure
    #[arg(long, value_name = "TIME", value_parser = lasting, conflicts_with = "device")]
    expires: Option<Duration>,
    /// Let those who enter by it invite in turn
    #[arg(long)]
    may_invite: bool,
    /// For another device of yours, and for nobody else: you need no right to invite, and no use is
    /// spent
    #[arg(long, conflicts_with_all = ["uses", "may_invite"])]
    device: bool,
    /// Where a node is that has the topic, such as `myrscope1…@ip:192.0.2.1:4433`; may be given again
    #[arg(long, value_name = "KEY@ADDRESS")]
    address: Vec<Place>,
    /// Show the ticket as a QR code too, on standard error
    #[arg(long)]
    qr: bool,
}

#[derive(Serialize)]
struct Invited<'a> {
    ticket: &'a str,
    /// Milliseconds since 1970; `null` where it has no last day.
    expires: Option<u64>,
}

impl Invite {
    pub(super) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (mut home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?;
        if self.expires.is_some() && topic.topic.genesis().admission == Admission::Open {
            return Err(Failure::usage(
                "open-topic",
                "no ticket was made",
                "the topic is open, and lets in whoever knows of it, for ever",
                "leave `--expires` out",
            ));
        }
        let keys = home.unseal()?;
        let expiry = self.expires.map_or(0, |lasts| {
            ticket::expiry_in(u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX))
        });
        let terms = Terms { uses: self.uses, may_invite: self.may_invite, expiry };
        let signer = home.signer(&keys);
        let made = with_ambient(|ambient| {
            take_part(&mut runtime, topic.id, signer, ambient)?;
            let ticket = match self.device {
                true => runtime.device_ticket(topic.id, signer),
                false => runtime.invite(topic.id, signer, ambient, terms),
            };
            ticket.map_err(no_ticket)
        })?;
        let mut at = [cx.own_peer(), peers(self.address)].concat();
        let known = runtime.peers_of(topic.id).map_err(told("no ticket was made"))?;
        at.extend(known.into_iter().filter(|peer| !peer.addresses.is_empty()).take(OTHERS));
        let made = made.with_peers(at);
        let text = made.to_text();
        tell_terms(&made, self.uses, self.expires);
        tell_way(&made);
        if self.qr {
            qr::show(&text);
        }
        let expires = ticket::expires_ms(&made);
        cx.output.print(&Invited { ticket: &text, expires }, |out| writeln!(out, "{}", *text))?;
        Ok(Exit::Ok)
    }
}

fn no_ticket(error: RuntimeError) -> Failure {
    let refusal = matches!(error, RuntimeError::Ticket(_));
    let mut failure = told("no ticket was made")(error);
    if refusal {
        failure.next =
            "ask somebody who may invite; for another device of yours, add `--device`".into();
    }
    failure
}

fn tell_terms(ticket: &Ticket, uses: u32, expires: Option<Duration>) {
    if ticket.person().is_some() {
        note!("the ticket is for devices of yours alone, and for any number of them");
        note!("there: `myrhiza topic join TICKET`, after `device add` and `device accept`");
        return;
    }
    let day = match expires {
        None => "it has no last day".into(),
        Some(lasts) => format!("it expires in {}", text::whole_time(lasts.as_secs())),
    };
    match (ticket.founding().genesis().admission, uses) {
        (Admission::Open, _) => {
            note!("the topic is open: the ticket lets in whoever has it, without end");
        }
        (Admission::Invite, 0) => {
            note!("the ticket lets in any number of people, until you are removed; {day}");
        }
        (Admission::Invite, uses) => {
            let people = if uses == 1 { "1 person".into() } else { format!("{uses} people") };
            note!("the ticket lets in {people} and is spent then; {day}");
            note!("more come in by more tickets, or by one with `--uses NUMBER`");
        }
        // There is no ticket for an author's.
        (Admission::Author, _) => {}
    }
}

/// Says where a ticket leads, where that may not be where it is meant to.
fn tell_way(ticket: &Ticket) {
    let mut addresses = ticket.peers().iter().flat_map(|peer| &peer.addresses).peekable();
    if addresses.peek().is_none() {
        note!(
            "it names no node: who joins by it needs a file too, or a peer that has the topic; made"
        );
        note!("while this home's node is up (`myrhiza up`) it says where that is");
    } else if addresses.all(is_of_this_machine) {
        note!(
            "it leads to nodes on this machine alone; for others, say where this home's node is reached,"
        );
        note!("with `myrhiza config listen` or `relays`, and start it again");
    }
}

/// Whether nobody elsewhere gets there.
fn is_of_this_machine(address: &Address) -> bool {
    let host = match address.kind() {
        "ip" => address.rest(),
        _ => address.rest().split_once("://").map_or("", |(_, rest)| rest),
    };
    let host = host.trim_end_matches('/');
    host.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
}

/// A time that something lasts; more than none.
fn lasting(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(lasts) if lasts.as_secs() > 0 => Ok(lasts),
        Ok(_) => Err("it would be over at once".into()),
        Err(error) => Err(format!("it is no time such as `12h` or `7d`: {error}")),
    }
}

/// One address of a node.
#[derive(Clone, Debug)]
struct Place {
    key: PublicKey,
    address: Address,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, address) = text.split_once('@').ok_or("there is no `@` in it")?;
        let key = match key.parse() {
            Ok(key) => key,
            Err(_) => names::parse_scope(key).map_err(|error| error.to_string())?,
        };
        let address = address.parse().map_err(|error: AddressError| error.to_string())?;
        Ok(Self { key, address })
    }
}

/// The nodes, each with all its addresses, in the order given.
fn peers(places: Vec<Place>) -> Vec<PeerAddress> {
    let mut peers: Vec<PeerAddress> = Vec::new();
    for Place { key, address } in places {
        match peers.iter_mut().find(|peer| peer.key == key) {
            Some(peer) => peer.addresses.push(address),
            None => peers.push(PeerAddress { key, addresses: vec![address] }),
        }
    }
    peers
}

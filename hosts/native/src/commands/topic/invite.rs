use std::io::Write as _;
use std::str::FromStr;

use clap::Args;
use myrhiza_kernel::event::Ticket;
use myrhiza_kernel::event::payload::{Admission, Terms};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_kernel_api::transport::AddressError;
use myrhiza_kernel_api::{Address, PeerAddress, PublicKey};
use serde::Serialize;

use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::qr;
use crate::runtime::{folded, take_part, told};

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
}

impl Invite {
    pub(super) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let (mut home, mut runtime) = cx.open_runtime()?;
        let topic = folded(&mut runtime, &self.topic)?;
        let keys = home.unseal()?;
        let terms = Terms { uses: self.uses, may_invite: self.may_invite, expiry: 0 };
        let signer = home.signer(&keys);
        let ticket = with_ambient(|ambient| {
            take_part(&mut runtime, topic.id, signer, ambient)?;
            let made = match self.device {
                true => runtime.device_ticket(topic.id, signer),
                false => runtime.invite(topic.id, signer, ambient, terms),
            };
            made.map_err(no_ticket)
        })?;
        let mut at = [cx.own_peer(), peers(self.address)].concat();
        let known = runtime.peers_of(topic.id).map_err(told("no ticket was made"))?;
        at.extend(known.into_iter().filter(|peer| !peer.addresses.is_empty()).take(OTHERS));
        let ticket = ticket.with_peers(at);
        let text = ticket.to_text();
        tell_terms(&ticket, self.uses);
        if self.qr {
            qr::show(&text);
        }
        cx.output.print(&Invited { ticket: &text }, |out| writeln!(out, "{}", *text))?;
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

fn tell_terms(ticket: &Ticket, uses: u32) {
    if ticket.person().is_some() {
        note!("the ticket is for devices of yours alone, and for any number of them");
        note!("there: `myrhiza topic join TICKET`, after `device add` and `device accept`");
        return;
    }
    match (ticket.founding().genesis().admission, uses) {
        (Admission::Open, _) => {
            note!("the topic is open: the ticket lets in whoever has it, without end");
        }
        (Admission::Invite, 0) => {
            note!("the ticket lets in any number of people, until you are removed");
        }
        (Admission::Invite, uses) => {
            let people = if uses == 1 { "1 person".into() } else { format!("{uses} people") };
            note!("the ticket lets in {people} and is spent then; it has no last day");
            note!("more come in by more tickets, or by one with `--uses NUMBER`");
        }
        // There is no ticket for an author's.
        (Admission::Author, _) => {}
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

//! Tickets as text: told from other arguments, read, shown, and whether their day is over.

use std::io::{self, Write};

use myrhiza_kernel::clock;
use myrhiza_kernel::event::payload::{Admission, Terms};
use myrhiza_kernel::event::{Ticket, TicketError};
use myrhiza_kernel::identity::names;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::console;
use crate::context::{Context, now_ms};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::text;

/// Longer than any ticket.
const TICKET_BYTES: u64 = 128 << 10;
/// What stands for a ticket that is on standard input.
pub(super) const FROM_INPUT: &str = "-";
/// How every ticket starts.
const START: &str = concat!("myrticket", "1");

/// Whether an argument is meant for a ticket. A QR code has it in upper case, and mail breaks it.
pub(super) fn is_one(given: &str) -> bool {
    let seen = given.trim().chars().filter(|c| !c.is_ascii_whitespace());
    seen.take(START.len()).collect::<String>().eq_ignore_ascii_case(START)
}

/// A ticket as it was given, or from standard input. `what` is what is not done without it.
pub(super) fn read(given: &str, what: &str) -> Outcome<Ticket> {
    let given = match given {
        FROM_INPUT => from_standard_input()?,
        given => Zeroizing::new(given.to_owned()),
    };
    Ticket::parse(&given).map_err(|error| {
        let next = match &error {
            TicketError::Codec(error) if error.is_update_needed() => "update Myrhiza",
            _ => "ask whoever sent it to send it again",
        };
        Failure::refused("bad-ticket", what, error.to_string(), next)
    })
}

fn from_standard_input() -> Outcome<Zeroizing<String>> {
    let read = console::input(TICKET_BYTES).map(Zeroizing::new);
    read.map_err(|error| Failure::file("read", "standard input".as_ref(), &error))
}

/// The clock reading that says a ticket is over in so many milliseconds.
pub(super) fn expiry_in(ms: u64) -> u64 {
    clock::tick(0, now_ms().saturating_add(ms))
}

/// When it is over, in milliseconds since 1970, where whoever made it has said so.
pub(super) fn expires_ms(ticket: &Ticket) -> Option<u64> {
    let Terms { expiry, .. } = ticket.invitation()?.terms();
    (expiry > 0).then(|| clock::wall_ms(expiry))
}

/// Refuses a ticket whose day is over. That is advice to who holds it, by this machine's clock: the
/// topic's other members take in who comes all the same.
pub(super) fn check_day(ticket: &Ticket, what: &str) -> Outcome<()> {
    match expires_ms(ticket) {
        Some(at) if at <= now_ms() => Err(Failure::unanswered(
            code::EXPIRED,
            what,
            format!("the ticket expired {}", text::ago(now_ms(), at)),
            "ask who made it for a new one; or, if this machine's clock is wrong, give \
             `--even-if-expired` to `myrhiza topic join TICKET`",
        )),
        _ => Ok(()),
    }
}

/// `expires in 6 days`, `expired 2 days ago`.
fn day(at: u64) -> String {
    match at.saturating_sub(now_ms()).div_ceil(1_000) {
        0 => format!("expired {}", text::ago(now_ms(), at)),
        seconds => format!("expires in {}", text::time(seconds)),
    }
}

/// What a ticket says, as JSON.
#[derive(Serialize)]
struct Shown {
    ok: bool,
    kind: &'static str,
    topic: String,
    name: String,
    founder: String,
    bundle: String,
    /// `open`, `invited` or `device`.
    way: &'static str,
    /// How many may enter by it; 0 for any number, null where it is no invitation.
    uses: Option<u32>,
    may_invite: Option<bool>,
    /// Milliseconds since 1970.
    expires: Option<u64>,
    expired: bool,
    peers: Vec<String>,
}

/// Shows what a ticket is for. One whose day is over is not `ok`.
pub(super) fn show(cx: &Context<'_>, given: &str) -> Outcome<Exit> {
    let ticket = read(given, "no ticket was shown")?;
    let (founding, genesis) = (ticket.founding(), ticket.founding().genesis());
    let terms = ticket.invitation().map(|invitation| invitation.terms());
    let expires = expires_ms(&ticket);
    let expired = expires.is_some_and(|at| at <= now_ms());
    let address = |peer: &myrhiza_kernel_api::PeerAddress| {
        let addresses: Vec<_> = peer.addresses.iter().map(ToString::to_string).collect();
        format!("{}@{}", peer.key, addresses.join(","))
    };
    let shown = Shown {
        ok: !expired,
        kind: "ticket",
        topic: founding.topic().to_string(),
        name: genesis.name.clone(),
        founder: founding.founder().to_string(),
        bundle: genesis.bundle.to_string(),
        way: match (ticket.person(), genesis.admission) {
            (Some(_), _) => "device",
            (None, Admission::Open) => "open",
            (None, _) => "invited",
        },
        uses: terms.map(|terms| terms.uses),
        may_invite: terms.map(|terms| terms.may_invite),
        expires,
        expired,
        peers: ticket.peers().iter().map(address).collect(),
    };
    cx.output.print(&shown, |out| shown.tell(out, &names::person(&founding.founder())))?;
    Ok(if shown.ok { Exit::Ok } else { Exit::Refused })
}

impl Shown {
    fn tell(&self, out: &mut dyn Write, founder: &str) -> io::Result<()> {
        writeln!(out, "ticket  for {}", text::line(&self.name))?;
        writeln!(out, "topic   {}", self.topic)?;
        writeln!(out, "founder {founder}")?;
        writeln!(out, "bundle  {}", self.bundle)?;
        match (self.way, self.uses) {
            ("device", _) => writeln!(out, "lets in devices of one member")?,
            (_, Some(0)) => writeln!(out, "lets in any number of people")?,
            (_, Some(1)) => writeln!(out, "lets in 1 person, whoever comes first")?,
            (_, Some(uses)) => writeln!(out, "lets in {uses} people, whoever comes first")?,
            (_, None) => writeln!(out, "lets in whoever has it: the topic is open")?,
        }
        if self.may_invite == Some(true) {
            writeln!(out, "who comes in by it may invite others")?;
        }
        if let Some(at) = self.expires {
            writeln!(out, "{}", day(at))?;
        }
        self.peers.iter().try_for_each(|peer| writeln!(out, "node    {peer}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_told_from_other_arguments_also_in_upper_case_or_broken() {
        assert!(is_one("myrtic\r\nket1qqq") && !is_one("myr tick et"));
        assert!(is_one(&format!("{START}qqq")) && is_one(&format!(" {}Q", START.to_uppercase())));
        assert!(!is_one("myrticket") && !is_one("counter.myr") && !is_one("日本語の話題です"));
    }

    #[test]
    fn a_day_is_told_from_both_sides() {
        let now = now_ms();
        assert_eq!(day(now + 7 * 86_400_000), "expires in 7 days");
        assert_eq!(day(now.saturating_sub(2 * 86_400_000)), "expired 2 days ago");
        assert!(day(clock::wall_ms(expiry_in(3_600_000))).starts_with("expires in "));
    }
}

//! Tickets: what is let through lets its holder in, and nothing else is let through.

use proptest::prelude::*;

use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{PeerAddress, PublicKey};

use super::world::*;
use crate::codec::{Canonical, CodecError};
use crate::event::payload::{Admission, ChainError, Join, Link, Payload, Terms};
use crate::event::{Event, Founding, Ticket, TicketError};

/// A ticket from member `len + 1`, and the topic.
fn invite(len: u8) -> (Founding, Event, Ticket) {
    let (founding, genesis) = found(Admission::Invite);
    let topic = founding.topic();
    let invitation = super::world::invite(topic, &member(len + 1), 50, TERMS);
    let chain = chain(topic, len);
    let ticket = Ticket::invite(genesis.clone(), chain, invitation, secret(50)).unwrap();
    (founding, genesis, ticket)
}

#[test]
fn a_ticket_read_back_makes_a_join_that_is_admitted() {
    for len in [0, 1, 15] {
        let (founding, _, ticket) = invite(len);
        let text = ticket.to_text();
        assert!(text.starts_with("myrticket1"));
        let read = Ticket::parse(&format!("  {}\n", *text)).unwrap();
        assert_eq!(*read.to_text(), *text);
        assert_eq!(*Ticket::parse(&text.to_uppercase()).unwrap().to_text(), *text);
        let joiner = member(40);
        let event =
            join(founding.topic(), &joiner, &read.join(joiner.certificate.clone()).unwrap());
        let Ok(Payload::Join(join)) = founding.check(&event) else { panic!("{len}") };
        let last = join.chain().last().unwrap();
        assert_eq!(last.invitation.issuer().person(), member(len + 1).id());
    }
    let (founding, genesis) = found(Admission::Open);
    let ticket = Ticket::parse(&Ticket::open(genesis).unwrap().to_text()).unwrap();
    assert_eq!(ticket.founding(), &founding);
    assert_eq!(ticket.join(member(2).certificate), Some(Join::Open(member(2).certificate)));
}

#[test]
fn a_ticket_that_mail_has_wrapped_is_read() {
    let (.., ticket) = invite(15);
    let text = ticket.with_peers(peers(8, ADDRESSES)).to_text();
    let wrapped = |columns, between: &str| {
        let lines = text.as_bytes().chunks(columns);
        let lines: Vec<_> = lines.map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join(between)
    };
    for between in ["\n", "\r\n", " ", "\t \n\u{c}"] {
        assert_eq!(*Ticket::parse(&wrapped(7, between)).unwrap().to_text(), *text, "{between:?}");
    }
    // White space is all that is left out.
    for between in ["\n> ", "-", "=\n", "\u{a0}", "\u{200b}", "\0"] {
        assert_eq!(Ticket::parse(&wrapped(76, between)).map(drop), Err(TicketError::Damaged));
    }
    // What is counted is what is left.
    let blanks = " ".repeat(1 << 20);
    let apart = text.replacen("myrticket1", &format!("myrticket1{blanks}"), 1);
    assert_eq!(*Ticket::parse(&apart).unwrap().to_text(), *text);
    let long = format!("myrticket1{}", " q".repeat(1 << 20));
    assert_eq!(Ticket::parse(&long).map(drop), Err(TicketError::Damaged));
}

#[test]
fn a_ticket_for_more_homes_of_a_member_says_whose_and_carries_no_secret() {
    let (founding, genesis) = found(Admission::Invite);
    for len in [0, 1, 16] {
        let chain = chain(founding.topic(), len);
        let ticket = Ticket::devices(genesis.clone(), chain.clone()).unwrap();
        let read = Ticket::parse(&ticket.with_peers(peers(8, ADDRESSES)).to_text()).unwrap();
        assert_eq!(read.person(), Some((member(len + 1).id(), &chain[..])));
        assert_eq!(read.peers().len(), 8);
        assert!(read.invitation().is_none() && read.join(member(40).certificate).is_none());
    }
    let refused = |genesis: &Event, chain| Ticket::devices(genesis.clone(), chain).map(drop);
    let mut broken = chain(founding.topic(), 2);
    broken.remove(0);
    let (issuer, expected) = (member(2).id(), member(1).id());
    let error = ChainError::Broken { link: 0, issuer, expected };
    assert_eq!(refused(&genesis, broken), Err(TicketError::Chain(error)));
    let (_, open) = found(Admission::Open);
    assert_eq!(refused(&open, Vec::new()), Err(TicketError::Way(Admission::Open)));
}

/// Peers with `addresses` of the greatest length each.
fn peers(count: u8, addresses: usize) -> Vec<PeerAddress> {
    let address = |n| format!("ip:{n:>0253}").parse().unwrap();
    let peer = |key| PeerAddress {
        key: PublicKey([key; 32]),
        addresses: (0..addresses).map(address).collect(),
    };
    (0..count).map(peer).collect()
}

#[test]
fn a_ticket_names_peers_in_order_up_to_its_limits_and_none_is_needed() {
    let (_, _, ticket) = invite(15);
    assert_eq!(ticket.peers(), []);
    for (count, addresses) in [(1, 0), (2, 1), (8, ADDRESSES)] {
        let peers = peers(count, addresses);
        let text = ticket.clone().with_peers(peers.clone()).to_text();
        let read = Ticket::parse(&text).unwrap();
        assert_eq!(read.peers(), peers);
        assert_eq!(*read.to_text(), *text);
    }
    let cut = ticket.clone().with_peers(peers(9, ADDRESSES + 1));
    assert_eq!(cut.peers(), peers(8, ADDRESSES));
    assert_eq!(*cut.with_peers(Vec::new()).to_text(), *ticket.to_text());
}

#[test]
fn a_ticket_whose_join_would_be_refused_is_refused_first() {
    let (founding, genesis, _) = invite(0);
    let topic = founding.topic();
    let by = |n: u8, terms| super::world::invite(topic, &member(n), 50, terms);
    let ticket = |chain: Vec<Link>, invitation, n| {
        Ticket::invite(genesis.clone(), chain, invitation, secret(n)).map(drop)
    };
    let refused = |error: ChainError| Err(TicketError::Chain(error));
    assert_eq!(ticket(vec![], by(1, TERMS), 51), Err(TicketError::Secret));
    let (issuer, expected) = (member(2).id(), member(1).id());
    assert_eq!(
        ticket(vec![], by(2, TERMS), 50),
        refused(ChainError::Broken { link: 0, issuer, expected })
    );
    let elsewhere = myrhiza_kernel_api::TopicId([1; 32]);
    let foreign = super::world::invite(elsewhere, &member(1), 50, TERMS);
    assert_eq!(
        ticket(vec![], foreign, 50),
        refused(ChainError::ForeignTopic { link: 0, topic: elsewhere })
    );
    let guest = super::world::invite(topic, &member(1), 1, Terms { may_invite: false, ..TERMS });
    let guest = Link::accept(guest, member(2).certificate, &secret(1));
    assert_eq!(
        ticket(vec![guest], by(2, TERMS), 50),
        refused(ChainError::MayNotInvite { link: 1 })
    );
    assert_eq!(ticket(chain(topic, 16), by(17, TERMS), 50), refused(ChainError::Length(17)));
    assert_eq!(Ticket::open(genesis).map(drop), Err(TicketError::Way(Admission::Invite)));
}

#[test]
fn other_texts_later_versions_and_forged_genesis_events_are_told_apart() {
    let (_, genesis, ticket) = invite(0);
    let text = ticket.to_text();
    let parse = |text: &str| Ticket::parse(text).map(drop);
    assert_eq!(parse(""), Err(TicketError::Prefix));
    assert_eq!(parse("myr1qqqqq"), Err(TicketError::Prefix));
    assert_eq!(parse("myrticket"), Err(TicketError::Prefix));
    assert_eq!(parse("myrticket1"), Err(TicketError::Damaged));
    assert_eq!(parse(&text[..text.len() - 1]), Err(TicketError::Damaged));
    assert_eq!(parse(&format!("{}q", *text)), Err(TicketError::Damaged));
    assert_eq!(parse(&format!("myrticket1{}", "q".repeat(80_000))), Err(TicketError::Damaged));
    let raw = |bytes: &[u8]| super::super::ticket::ARMOUR.to_text(bytes.to_vec());
    let later = CodecError::UpdateNeeded { what: "a ticket", field: "version", found: 2 };
    assert_eq!(parse(&raw(&[0x84, 2])), Err(TicketError::Codec(later)));
    let mut forged = genesis.to_unverified();
    forged.signature.0[40] ^= 1;
    let forged = [&[0x84, 1], &forged.to_bytes()[..], &[0xf6, 0x80]].concat();
    assert!(matches!(parse(&raw(&forged)), Err(TicketError::Genesis(_))));
}

#[test]
fn the_secret_is_not_printed() {
    let (.., ticket) = invite(0);
    let shown = format!("{ticket:?}");
    let seed = secret(50).to_seed();
    assert!(shown.contains("SecretKey(…)"));
    assert!(!shown.contains(&format!("{}, {}, {}", seed[0], seed[1], seed[2])), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_character_passes(at in any::<prop::sample::Index>(), to in "[a-z0-9]") {
        let text = invite(1).2.to_text();
        let at = at.index(text.len());
        let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
        prop_assert_eq!(Ticket::parse(&changed).is_ok(), changed == *text);
    }

    #[test]
    fn any_text_is_answered(text in "(myrticket1)?\\PC{0,80}") {
        prop_assert!(Ticket::parse(&text).is_err());
    }
}

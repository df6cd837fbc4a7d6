use super::*;
use crate::drift::message::Message;
use crate::drift::{Report, Vote, is_drift};
use crate::fuzz::mutated;
use crate::runtime::VoteAt;
use crate::sync::Role;

/// [DRIFT-5] A peer that says anything, in any order: nothing panics, and what is kept is bounded.
#[test]
fn whatever_a_peer_says_nothing_panics_and_an_inquiry_comes_to_an_end() {
    let (world, events, bob) = topic(2, 10, 40);
    let at = events[25..].iter().find(is_write).unwrap();
    let broken = [None, Some(Broken::Event(at.id()))];
    let mut pipe = pair(&world, &events, &bob, broken);
    pipe.vote(VoteAt::Anchor);
    let said: Vec<_> = pipe.said.iter().map(|(_, message)| message.to_bytes()).collect();
    let mut dice = Dice(1);
    for round in 0..60 {
        let Pipe { mut ends, .. } = pair(&world, &events, &bob, broken);
        let role = if round % 2 == 0 { Role::Dialer } else { Role::Listener };
        let end = &mut ends[usize::from(role == Role::Listener)];
        if role == Role::Dialer {
            let vote = pipe.ends[1].node.signed(VoteAt::Anchor).unwrap();
            end.hear(&vote, 0);
        }
        let mut good = pipe.said.iter().filter(|(by, _)| *by != role).map(|(_, m)| m.to_bytes());
        for now_ms in 0..200 {
            let bytes = match dice.below(4) {
                0 => dice.pick(&said).clone(),
                1 => mutated(&mut dice, &said[now_ms as usize % said.len()], &said[0]),
                _ => match good.next() {
                    Some(bytes) => bytes,
                    None => dice.pick(&said).clone(),
                },
            };
            if let Ok(message) = Message::from_bytes(&bytes) {
                assert_eq!(message.to_bytes(), bytes);
                assert!(is_drift(&bytes));
            }
            end.receive(&bytes, now_ms);
        }
        let effects = end.session.tick(1 << 40);
        end.follow(effects, 0);
        assert!(!end.session.is_inquiring());
        assert!(end.node.reports().len() <= 2);
        for report in end.node.reports() {
            assert_eq!(Report::from_bytes(&report.to_bytes()).as_ref(), Ok(&report));
        }
    }
    let vote = pipe.ends[0].node.signed(VoteAt::Tip).unwrap();
    assert_eq!(Vote::from_bytes(&vote.to_bytes()), Ok(vote));
}

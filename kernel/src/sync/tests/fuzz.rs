//! Recorded exchanges, with bytes and messages changed at random: no panic, and nothing grows.

use super::pipe::{End, kind};
use super::*;
use crate::sync::message::Message;
use crate::sync::{Role, limits};

/// An exchange to be told again to one side.
struct Recorded {
    world: World,
    own: Vec<Event>,
    /// Who that is, in a topic of invited people.
    member: Option<Scope>,
    role: Role,
    messages: Vec<Vec<u8>>,
}

impl Recorded {
    fn node(&self) -> Node {
        match &self.member {
            Some(scope) => Node::of(scope, &self.world, &self.own),
            None => Node::with(&self.world, &self.own),
        }
    }
}

/// Two members greet each other, and one has more than the other.
fn record_members(size: usize) -> Recorded {
    let world = World::new(Admission::Invite);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let mut all = vec![world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()])];
    all.extend((0..size).map(|n| world.app(&mut ann, &[], 0, &[n as u8])));
    let own = all[..1].to_vec();
    let left = Node::of(&ann, &world, &all);
    let mut pipe = Pipe::new(left, Node::of(&world.founder, &world, &own));
    pipe.run();
    let theirs = pipe.flights.iter().flatten().filter(|(by, _)| *by == Role::Dialer);
    let messages = theirs.map(|(_, message)| message.to_bytes()).collect();
    let member = Some(world.founder.clone());
    Recorded { world, own, member, role: Role::Listener, messages }
}

fn record(seed: u64, size: usize, role: Role) -> Recorded {
    let (world, events) = random_topic(seed, size);
    let (own, theirs): (Vec<Event>, Vec<Event>) = match seed % 3 {
        0 => (Vec::new(), events),
        1 => (events[..size / 2].to_vec(), events),
        _ => {
            let third = |skip: usize| {
                let kept = events.iter().enumerate().filter(|(n, _)| n % 5 != skip);
                kept.map(|(_, event)| event.clone()).collect()
            };
            (third(1), third(2))
        }
    };
    let mut pipe = match role {
        Role::Dialer => Pipe::new(Node::with(&world, &own), Node::with(&world, &theirs)),
        Role::Listener => Pipe::new(Node::with(&world, &theirs), Node::with(&world, &own)),
    };
    pipe.run();
    let new = world.app(&mut world.founder.clone(), &[], 0, b"live");
    pipe.ends[usize::from(role == Role::Dialer)].author(&[new], 0);
    pipe.run();
    let theirs = pipe.flights.iter().flatten().filter(|(by, _)| *by != role);
    let messages = theirs.map(|(_, message)| message.to_bytes()).collect();
    Recorded { world, own, member: None, role, messages }
}

fn mutate(dice: &mut Dice, messages: &mut Vec<Vec<u8>>) {
    let at = dice.below(messages.len());
    let other = messages[dice.below(messages.len())].clone();
    let message = &mut messages[at];
    let len = message.len().max(1);
    match dice.below(9) {
        0 => message[dice.below(len)] ^= 1 << dice.below(8),
        1 => message[dice.below(len)] = dice.below(256) as u8,
        2 => message.truncate(dice.below(len)),
        3 => {
            message.insert(dice.below(len), dice.below(256) as u8);
        }
        4 => {
            let from = dice.below(len);
            let end = (from + 1 + dice.below(40)).min(message.len());
            message.drain(from..end);
        }
        5 => {
            let cut = dice.below(other.len().max(1));
            message.truncate(dice.below(len));
            message.extend_from_slice(&other[cut..]);
        }
        6 => messages.insert(at, other),
        7 => {
            messages.remove(at);
            if messages.is_empty() {
                messages.push(other);
            }
        }
        _ => {
            let with = dice.below(messages.len());
            messages.swap(at, with);
        }
    }
}

/// [SYNC-11]
#[test]
fn changed_exchanges_never_panic_and_never_grow() {
    let mut closed = 0;
    for seed in 0..12 {
        let role = if seed % 2 == 0 { Role::Dialer } else { Role::Listener };
        let size = 40 + 30 * (seed as usize % 4);
        let recorded = if seed > 8 { record_members(size / 4) } else { record(seed, size, role) };
        for round in 0..60 {
            let mut dice = Dice(seed << 32 | round);
            let mut messages = recorded.messages.clone();
            for _ in 0..1 + dice.below(4) {
                mutate(&mut dice, &mut messages);
            }
            let mut end = End::new(recorded.node(), recorded.role);
            end.ingests = dice.below(4) > 0;
            for (n, message) in messages.iter().enumerate() {
                end.receive(message, n as u64 * 50);
                assert!(end.session.queued() <= limits::QUEUED);
                assert!(end.session.wanted() <= limits::WANTED);
                assert!(end.held.len() <= limits::WINDOW as usize);
                assert!(end.out.iter().all(|bytes| bytes.len() <= limits::MESSAGE_BYTES));
                if dice.below(10) == 0 {
                    end.ingest(n as u64 * 50);
                }
            }
            end.tick(200_000);
            closed += usize::from(end.session.is_closed());
            // What is said is always something the other can read.
            for bytes in &end.out {
                assert!(Message::from_bytes(bytes).is_ok(), "kind {}", kind(bytes));
            }
        }
    }
    assert!(closed > 0);
}

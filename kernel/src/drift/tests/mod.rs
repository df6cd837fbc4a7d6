//! What drift does and does not find, between homes whose backends differ: see each test's name.

mod anchors;
mod explain;
mod fuzz;
mod hostile;
mod pipe;
mod vectors;
mod votes;

use crate::codec::Canonical;
use crate::event::payload::{Admission, Join};
use crate::event::{Event, Kind};
use crate::identity::ScopeKind;
use crate::testing::{Broken, Dice, Op, Scope, World};
use pipe::{Node, Pipe};

/// An open topic of Ann, who founded it, and Bob, with anchors after every `interval` events and
/// `size` events in all, in canonical order. They write under a few keys, now and then both at once.
fn topic(seed: u64, interval: u32, size: usize) -> (World, Vec<Event>, Scope) {
    let world = World::with_interval(Admission::Open, interval);
    let mut dice = Dice(seed);
    let (mut ann, mut bob) = (world.founder.clone(), Scope::new(2, 102, ScopeKind::Device));
    let join = Join::Open(bob.certificate.clone()).to_bytes();
    let join = world.next(&mut bob, &[world.genesis.id()], (Kind::Join, 0, &join));
    let mut events = vec![world.genesis.clone(), join];
    while events.len() < size {
        let parents = match dice.below(3) {
            0 => Vec::new(),
            _ => vec![events[events.len() - 1].id()],
        };
        let who = if dice.below(2) == 0 { &mut ann } else { &mut bob };
        let op = if dice.below(8) == 0 { Op::Full } else { Op::Write };
        let payload = [dice.below(12) as u8, events.len() as u8];
        events.push(world.app(who, &parents, op as u32, &payload));
    }
    (world, events, bob)
}

/// An event that nothing rejects and that writes under one key.
fn is_write(event: &&Event) -> bool {
    event.header().kind == Kind::App && event.header().variant == Op::Write as u32
}

/// Ann and Bob with the same events, one of them with another backend.
fn pair(world: &World, events: &[Event], bob: &Scope, broken: [Option<Broken>; 2]) -> Pipe {
    let scopes = [world.founder.clone(), bob.clone()];
    let mut nodes = scopes.into_iter().zip(broken).map(|(scope, broken)| {
        let mut node = Node::new(world, scope);
        *node.home.backend.broken.lock().unwrap() = broken;
        node.home.take(events).unwrap();
        node
    });
    Pipe::new(nodes.next().unwrap(), nodes.next().unwrap())
}

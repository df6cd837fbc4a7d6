//! What the peer protocol holds, over a pipe that loses nothing: see each test's name.

mod excused;
mod fuzz;
mod history;
mod hostile;
mod live;
mod meet;
mod messages;
mod node;
mod pipe;
mod raced;
mod stalled;
mod topics;
mod vectors;

use myrhiza_kernel_api::EventId;

use crate::codec::Canonical;
use crate::event::payload::{Admission, Join};
use crate::event::{Event, Kind};
use crate::identity::ScopeKind;
use crate::testing::{Dice, Scope, World};
use node::Node;
use pipe::Pipe;

/// An open topic of a few people, with events on each other in every way; parents come first.
fn random_topic(seed: u64, size: usize) -> (World, Vec<Event>) {
    let world = World::new(Admission::Open);
    let mut dice = Dice(seed);
    let mut events = vec![world.genesis.clone()];
    let mut scopes = vec![world.founder.clone()];
    for n in 0..3 {
        let mut scope = Scope::new(10 + n, 110 + n, ScopeKind::Device);
        let join = Join::Open(scope.certificate.clone()).to_bytes();
        let parents = [dice.pick(&events).id()];
        events.push(world.next(&mut scope, &parents, (Kind::Join, 0, &join)));
        scopes.push(scope);
    }
    for n in 0..size {
        let recent = events.len().saturating_sub(4);
        let some = |dice: &mut Dice| match dice.below(3) {
            0 => dice.pick(&events).id(),
            _ => dice.pick(&events[recent..]).id(),
        };
        let parents: Vec<EventId> = (0..1 + dice.below(3)).map(|_| some(&mut dice)).collect();
        let who = dice.below(scopes.len());
        // Now and then somebody forks.
        let mut scope = scopes[who].clone();
        events.push(world.app(&mut scope, &parents, 0, &n.to_be_bytes()[6..]));
        if dice.below(10) > 0 {
            scopes[who] = scope;
        }
    }
    (world, events)
}

/// A line of events, each on the one before.
fn line(world: &World, count: usize) -> Vec<Event> {
    let mut scope = world.founder.clone();
    (0..count).map(|n| world.app(&mut scope, &[], 0, &n.to_be_bytes())).collect()
}

/// A line in which no event but the first names another, as many authors make it: any of them can
/// be missing alone. (Each is a scope's second, after the genesis.)
fn fan(world: &World, count: usize) -> Vec<Event> {
    let event = |n: usize| world.app(&mut world.founder.clone(), &[], 0, &n.to_be_bytes());
    (0..count).map(event).collect()
}

/// Two nodes that have these events of a topic, connected, all exchanged.
fn exchanged(world: &World, left: &[Event], right: &[Event]) -> Pipe {
    let mut pipe = Pipe::new(Node::with(world, left), Node::with(world, right));
    pipe.run();
    pipe
}

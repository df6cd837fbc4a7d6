//! What the runtime does beyond the fold.

mod authors;
mod cuts;
mod devices;
mod index;
mod ingest;
mod inspect;
mod leave;
mod offers;
mod parts;
mod peers;
mod puppet;
mod screen;
mod upgrade;

use super::{Ambient, Signer};
use crate::event::Event;
use crate::testing::{Home, Scope, World};

/// Calls what a scope does, at some time and with some chance.
fn acting<T>(scope: &Scope, act: impl FnOnce(Signer<'_>, &mut Ambient<'_>) -> T) -> T {
    let signer = Signer { scope: &scope.device, certificate: &scope.certificate };
    act(signer, &mut Ambient { now_ms: 1, random: &mut |bytes| bytes.fill(1) })
}

/// What a home has, in order.
fn events(home: &Home, world: &World) -> Vec<Event> {
    let log = home.runtime.log(world.id(), Default::default()).unwrap();
    log.into_iter().map(|entry| entry.event).collect()
}

/// Each home has what the other has.
fn meet(world: &World, one: &mut Home, other: &mut Home) {
    let (ones, others) = (events(one, world), events(other, world));
    one.take(&others).unwrap();
    other.take(&ones).unwrap();
    assert_eq!(one.all(), other.all());
}

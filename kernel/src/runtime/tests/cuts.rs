//! What cuts is read once, whoever asks for it.

use std::sync::Arc;

use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

use crate::event::payload::Admission;
use crate::identity::ScopeKind;
use crate::runtime::Membership;
use crate::schema;
use crate::testing::{Home, Scope, World};

#[test]
fn after_a_start_what_cuts_is_read_once_and_not_for_each_who_looks() {
    let world = World::new(Admission::Invite);
    let (mut founder, mut ann) = (world.founder.clone(), Scope::new(2, 102, ScopeKind::Device));
    let join = world.join(&founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let mut events = vec![world.genesis.clone(), join.clone()];
    let person = founder.person.clone();
    for n in 100..300 {
        let cut = World::invitation_cut(n, &[]);
        events.push(world.revoke(&mut founder, &person, cut, &[join.id()]));
    }
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    let mut home = Home::over(&world, Arc::new(store));
    home.take(&events).unwrap();
    home.runtime.forget();
    let standing =
        |home: &Home| home.runtime.membership(world.id(), ann.id(), ann.person()).unwrap();
    assert_eq!(standing(&home), Membership::Member);

    faults.arm(Operation::Read, 100);
    for _ in 0..5 {
        assert_eq!(standing(&home), Membership::Member);
    }
    assert!(faults.pending(), "more was read");
    faults.disarm();

    // What cuts and comes then is heeded.
    let end = World::cuts(&[(ann.id(), Some(join.id()))]);
    home.take(&[world.revoke(&mut founder, &ann.person, end, &[join.id()])]).unwrap();
    assert_eq!(standing(&home), Membership::Revoked);
    home.runtime.forget();
    assert_eq!(standing(&home), Membership::Revoked);
}

use std::sync::Arc;

use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

use crate::event::Event;
use crate::event::payload::Admission;
use crate::fault::Fault;
use crate::schema;
use crate::testing::{Home, Op, World};

fn events(world: &World) -> Vec<Event> {
    let (mut founder, mut other) = (world.founder.clone(), world.founder.clone());
    let mut events = vec![world.genesis.clone()];
    for n in 0..6 {
        events.push(world.app(&mut founder, &[], Op::Full as u32, &[0, n]));
        events.push(world.app(&mut other, &[world.genesis.id()], Op::Write as u32, &[1, n]));
    }
    events
}

/// [FOLD-7]
#[test]
fn what_fails_in_the_backend_decides_nothing_and_is_tried_again() {
    let world = World::new(Admission::Invite);
    let events = events(&world);
    let want = Home::with(&world, &events);
    for after in 0..9 {
        let mut home = Home::with(&world, &events[..4]);
        let before = home.all();
        *home.backend.fails_after.lock().unwrap() = Some(after % 8);
        assert!(matches!(home.take(&events), Err(Fault::Backend(_))));
        assert_eq!(home.all(), before);
        home.take(&events).unwrap();
        assert_eq!(home.all(), want.all());
    }
}

#[test]
fn what_fails_in_the_store_decides_nothing_and_is_tried_again() {
    let world = World::new(Admission::Invite);
    let events = events(&world);
    let want = Home::with(&world, &events);
    for operation in [Operation::CommitBefore, Operation::Snapshot, Operation::Read] {
        for budget in [1, 1 << 20] {
            for passing in (0..).map(|n| n * n) {
                let faults = Arc::new(Faults::default());
                let store = Arc::new(MemoryStore::new(schema::ALL));
                let store = FaultStore::new(store, Arc::clone(&faults));
                let mut home = Home::over(&world, Arc::new(store));
                home.budget(budget);
                home.take(&events[..4]).unwrap();
                faults.arm(operation, passing);
                let first = home.take(&events);
                if first.is_ok() {
                    faults.disarm();
                } else {
                    assert!(matches!(first, Err(Fault::Store(_) | Fault::Backend(_))));
                    home.take(&events).unwrap();
                }
                assert_eq!(home.all(), want.all(), "{operation:?} after {passing}");
                if first.is_ok() {
                    break;
                }
            }
        }
    }
}

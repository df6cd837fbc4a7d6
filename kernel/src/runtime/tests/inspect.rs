//! What people look at of a topic.

use myrhiza_kernel_api::EventId;

use crate::drift::Shown;
use crate::event::Event;
use crate::event::payload::Admission;
use crate::runtime::{LogRange, RuntimeError};
use crate::testing::{Home, Op, World};

/// A home whose log is the genesis and one event a payload, each upon the last.
fn told(payloads: &[&[u8]]) -> (World, Home, Vec<Event>) {
    let world = World::new(Admission::Invite);
    let mut founder = world.founder.clone();
    let mut events = vec![world.genesis.clone()];
    for payload in payloads {
        events.push(world.app(&mut founder, &[], Op::Write as u32, payload));
    }
    let home = Home::with(&world, &events);
    (world, home, events)
}

fn start(events: &[&Event]) -> Option<Shown> {
    let trail: Vec<u8> = events.iter().flat_map(|event| event.id().0[..4].to_vec()).collect();
    Some(Shown::of(&trail))
}

#[test]
fn what_an_event_changed_is_told_with_what_was_there_before_and_after() {
    let (world, home, events) = told(&[b"k", b"l", b"k", b"k"]);
    let of = |event: &Event| home.runtime.effects(world.id(), event.id()).unwrap();
    for (at, before, after) in [
        (1, None, start(&[&events[1]])),
        (2, None, start(&[&events[2]])),
        (3, start(&[&events[1]]), start(&[&events[1], &events[3]])),
        (4, start(&[&events[1], &events[3]]), start(&[&events[1], &events[3], &events[4]])),
    ] {
        let effects = of(&events[at]);
        assert_eq!((effects.changed.len(), effects.more), (1, 0), "{at}");
        let changed = &effects.changed[0];
        assert!(changed.of_app);
        assert_eq!(changed.key, if at == 2 { b"l" } else { b"k" });
        assert_eq!((&changed.before, &changed.after), (&before, &Some(after)), "{at}");
    }
    // Of the first, what the kernel itself has written down.
    let genesis = of(&events[0]);
    assert!(!genesis.changed.is_empty() && genesis.changed.iter().all(|key| !key.of_app));
    let unknown = home.runtime.effects(world.id(), EventId([9; 32]));
    assert!(matches!(unknown, Err(RuntimeError::NoEvent { .. })), "{unknown:?}");
}

#[test]
fn a_log_is_paged_from_its_end_and_each_event_is_had_by_itself() {
    let (world, home, events) = told(&[b"a", b"b", b"c", b"d"]);
    let ids = |entries: Vec<crate::runtime::LogEntry>| -> Vec<EventId> {
        entries.iter().map(|entry| entry.place.id).collect()
    };
    let back = |before, limit| home.runtime.log_before(world.id(), before, limit).map(ids);
    let order = ids(home.runtime.log(world.id(), LogRange::default()).unwrap());
    assert_eq!(back(None, 2).unwrap(), order[3..]);
    assert_eq!(back(Some(order[3]), 2).unwrap(), order[1..3]);
    assert_eq!(back(Some(order[1]), 2).unwrap(), order[..1]);
    assert_eq!(back(Some(order[0]), 2).unwrap(), []);
    assert_eq!(back(None, 0).unwrap(), []);
    assert!(matches!(back(Some(EventId([9; 32])), 2), Err(RuntimeError::NoEvent { .. })));
    for event in &events {
        let entry = home.runtime.entry(world.id(), event.id()).unwrap();
        assert_eq!((&entry.event, entry.ruling.is_some()), (event, true));
    }
    for event in &events {
        let author = home.runtime.author_of(world.id(), event.id()).unwrap().unwrap();
        assert_eq!(author.person, world.founder.person());
    }
}

#[test]
fn a_state_is_paged_by_key() {
    let (world, home, _) = told(&[b"c", b"a", b"b"]);
    let keys = |after: Option<&[u8]>, limit| -> Vec<Vec<u8>> {
        let entries = home.runtime.state_after(world.id(), after, limit).unwrap();
        entries.into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys(None, 2), [b"a", b"b"]);
    assert_eq!(keys(Some(b"b"), 2), [b"c"]);
    assert_eq!(keys(Some(b"c"), 2), Vec::<Vec<u8>>::new());
    assert_eq!(keys(None, 0), Vec::<Vec<u8>>::new());
}

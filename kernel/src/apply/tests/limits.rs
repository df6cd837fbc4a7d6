use myrhiza_kernel_api::host::HostTrap;
use myrhiza_kernel_api::{StoreExt, Trap};

use crate::apply::Verdict;
use crate::event::payload::Admission;
use crate::schema;
use crate::testing::{Home, Op, World};

/// [FOLD-6] [LIMITS-2]
#[test]
fn a_call_that_passes_a_host_limit_traps_and_leaves_nothing() {
    let cases = [
        (Op::Calls, HostTrap::Calls),
        (Op::WriteBytes, HostTrap::WriteBytes),
        (Op::ReadBytes, HostTrap::ReadBytes),
        (Op::EmptyKey, HostTrap::Key),
        (Op::LongKey, HostTrap::Key),
        (Op::LongValue, HostTrap::Value),
        (Op::ShortArgument, HostTrap::Argument),
    ];
    let world = World::new(Admission::Invite);
    let mut founder = world.founder.clone();
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    let state = |home: &Home| home.reader().prefix(schema::STATE, &[], usize::MAX).unwrap();
    let before = state(&home);
    for (op, trap) in cases {
        let event = world.app(&mut founder, &[], op as u32, b"k");
        home.insert(&event);
        let ruling = home.ruling(event.id());
        assert_eq!(ruling.verdict, Verdict::Trap, "{op:?}");
        assert_eq!(ruling.reason, Trap::Host(trap).to_string(), "{op:?}");
        assert!(state(&home) == before, "{op:?} wrote");
    }
    let event = world.app(&mut founder, &[], Op::Write as u32, b"k");
    home.insert(&event);
    assert!(home.accepts(&event), "each event has limits of its own");
}

#[test]
fn a_rejected_event_leaves_nothing_and_keeps_why() {
    let world = World::new(Admission::Invite);
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    let before = home.reader().prefix(schema::STATE, &[], usize::MAX).unwrap();
    let event = world.app(&mut world.founder.clone(), &[], Op::Reject as u32, b"k");
    home.insert(&event);
    let ruling = home.ruling(event.id());
    assert_eq!((ruling.verdict, ruling.code, ruling.fuel), (Verdict::Reject, 7, 5));
    assert_eq!(ruling.reason, "as asked");
    assert_eq!(home.reader().prefix(schema::STATE, &[], usize::MAX).unwrap(), before);
}

#[test]
fn a_long_log_is_folded_in_portions_of_the_budget() {
    let world = World::new(Admission::Invite);
    let mut founder = world.founder.clone();
    let mut events = vec![world.genesis.clone()];
    events.extend((0..600u16).map(|n| world.app(&mut founder, &[], 0, &n.to_be_bytes())));
    let want = Home::with(&world, &events);
    let mut home = Home::new(&world);
    home.budget(1);
    home.take(&events).unwrap();
    assert_eq!(home.all(), want.all());
}

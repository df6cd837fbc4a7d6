use std::sync::Arc;

use myrhiza_store_kit::{Faults, Operation};

use super::attacker::Attacker;
use super::net::{Net, failing, seat};
use crate::event::payload::Admission;
use crate::node::Told;
use crate::sync::{Offence, Role};
use crate::testing::World;

/// Homes of one person, of which one has a store that fails.
fn net(count: usize, fails: usize) -> (World, Net, Arc<Faults>) {
    let (world, faults) = (World::new(Admission::Open), Arc::new(Faults::default()));
    let seats = (0..count).map(|n| match n == fails {
        true => failing(&world, &world.founder, &[], &faults),
        false => seat(&world, &world.founder, &[]),
    });
    let net = Net::new(seats.collect());
    (world, net, faults)
}

fn has_failed(net: &Net, n: usize) -> bool {
    net.told[n].iter().any(|told| matches!(told, Told::Fault { .. }))
}

#[test]
fn what_was_committed_when_the_store_failed_reaches_those_behind() {
    let (world, mut net, faults) = net(3, 1);
    net.connect(0, 1);
    net.connect(2, 1);
    net.settle();
    net.cut(0, 2);
    faults.arm(Operation::CommitAfter, 0);
    net.act(0, world.id(), "by the first");
    net.settle();
    assert!(has_failed(&net, 1));
    net.pass(30);
    assert!(net.agree(world.id()));
    assert_eq!(net.roots(world.id())[2].events, 2);
}

#[test]
fn a_peer_that_could_not_be_greeted_is_dialed_again() {
    let (world, mut net, faults) = net(2, 0);
    net.act(1, world.id(), "alone");
    faults.arm(Operation::Snapshot, 0);
    net.connect(0, 1);
    net.settle();
    assert!(has_failed(&net, 0) && !net.agree(world.id()));
    net.pass(30);
    assert!(net.agree(world.id()));
}

#[test]
fn a_store_that_fails_at_any_read_blames_no_peer_and_keeps_nobody_apart() {
    for passing in 0..60 {
        let (world, mut net, faults) = net(2, 0);
        net.act(1, world.id(), "alone");
        faults.arm(Operation::Read, passing);
        net.connect(0, 1);
        net.settle();
        faults.disarm();
        net.pass(30);
        assert!(net.agree(world.id()), "{passing}");
        let order = |told: &Told| matches!(told, Told::Offence { offence: Offence::Order, .. });
        assert!(!net.told.iter().flatten().any(order), "{passing}");
    }
}

#[test]
fn nobody_makes_room_for_who_is_not_let_in_because_the_store_failed() {
    let (_, mut net, faults) = net(1, 0);
    for n in 0..64 {
        Attacker::silent(&mut net, 0, n, Role::Listener);
    }
    net.pass(3);
    let before = net.nodes[0].peers().len();
    faults.arm(Operation::Snapshot, 0);
    Attacker::silent(&mut net, 0, 99, Role::Listener);
    assert!(has_failed(&net, 0));
    assert_eq!(net.nodes[0].peers().len(), before);
    let ended = |told: &Told| matches!(told, Told::Disconnected { .. });
    assert!(!net.told[0].iter().any(ended));
    // The next one is let in, and one that says nothing makes room for it.
    Attacker::silent(&mut net, 0, 100, Role::Listener);
    assert!(net.told[0].iter().any(ended));
    assert_eq!(net.nodes[0].peers().len(), before);
}

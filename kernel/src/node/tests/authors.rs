//! Authors' topics between nodes.

use super::net::{Net, address, seat};
use crate::event::payload::Admission;
use crate::node::{Seat, Told};
use crate::runtime::Ambient;
use crate::sync::Offence;
use crate::testing::app::{BUNDLE, author, version};
use crate::testing::{Scope, World};

/// An author's node, and others of one topic of theirs.
fn net(others: usize) -> Net {
    let world = World::new(Admission::Open);
    let mut seats = vec![seat(&world, &Scope::of_author(1001), &[])];
    seats.extend((0..others).map(|_| seat(&world, &world.founder, &[])));
    let mut net = Net::new(seats);
    (1..=others).for_each(|n| net.connect(n, 0));
    net.settle();
    net
}

fn call<T>(net: &mut Net, n: usize, what: impl FnOnce(&mut Seat, &mut Ambient<'_>) -> T) -> T {
    let now_ms = net.now_ms;
    let (done, outputs) = net.nodes[n].call(
        |seat| what(seat, &mut Ambient { now_ms, random: &mut |bytes| bytes.fill(1) }),
        now_ms,
    );
    net.follow(n, outputs);
    done
}

fn publish(net: &mut Net, bundle: &crate::bundle::Bundle) {
    call(net, 0, |seat, ambient| {
        let (runtime, signer) = seat.parts();
        runtime.publish(signer, ambient, bundle).unwrap();
    });
}

#[test]
fn a_withdrawal_reaches_those_who_have_the_app_while_they_are_connected_and_later() {
    let mut net = net(2);
    publish(&mut net, &BUNDLE);
    for n in [1, 2] {
        call(&mut net, n, |seat, _| seat.runtime.follow(author().public(), 0).unwrap());
    }
    net.settle();
    net.cut(0, 2);
    net.cut(1, 2);
    call(&mut net, 0, |seat, ambient| {
        let (runtime, signer) = seat.parts();
        runtime.withdraw((&author(), signer), ambient, (BUNDLE.id(), None), "it leaks").unwrap();
    });
    net.settle();
    let told = |net: &Net, n: usize| {
        let told = net.told[n].iter();
        told.filter(|told| matches!(told, Told::Withdrawn { reason, .. } if reason == "it leaks"))
            .count()
    };
    assert_eq!((told(&net, 1), told(&net, 2)), (1, 0));
    // From whoever has it: the author is gone by then.
    net.heal(1, 2);
    net.connect(2, 1);
    net.settle();
    net.pass(2);
    assert_eq!((told(&net, 1), told(&net, 2)), (1, 1));
}

#[test]
fn what_is_published_is_had_by_its_id_alone_and_nothing_else() {
    let mut net = net(1);
    let (public, private) = (version(1, &author()), version(2, &author()));
    publish(&mut net, &public);
    call(&mut net, 0, |seat, _| seat.runtime.install(&private).unwrap());
    for bundle in [&public, &private] {
        call(&mut net, 1, |seat, _| seat.runtime.want(bundle.id()));
        net.settle();
    }
    let offers: Vec<_> = net.nodes[1].runtime().offers().unwrap();
    assert_eq!(offers.iter().map(|bundle| bundle.id()).collect::<Vec<_>>(), [public.id()]);
    let told = net.told[1].iter();
    let missing = told
        .filter(|told| matches!(told, Told::NotFetched { bundle, .. } if *bundle == private.id()));
    assert_eq!(missing.count(), 1);
    // Once more when it is wanted once more, and it is published by then.
    net.pass(2);
    publish(&mut net, &private);
    call(&mut net, 1, |seat, _| seat.runtime.want(private.id()));
    net.settle();
    assert_eq!(net.nodes[1].runtime().offers().unwrap().len(), 2);
}

#[test]
fn another_thing_than_was_wanted_is_a_lie() {
    let mut net = net(1);
    let public = version(1, &author());
    publish(&mut net, &public);
    net.lies = Some(BUNDLE.to_bytes());
    call(&mut net, 1, |seat, _| seat.runtime.want(public.id()));
    net.settle();
    let lie = |told: &Told| matches!(told, Told::Offence { offence: Offence::Lie, .. });
    assert!(net.told[1].iter().any(lie));
    assert!(net.nodes[1].runtime().offers().unwrap().is_empty());
}

#[test]
fn those_who_have_an_authors_apps_are_not_told_of_each_other() {
    let world = World::new(Admission::Open);
    let mut seats = vec![seat(&world, &Scope::of_author(1001), &[])];
    for founder in [5, 6] {
        let other = World::founded_by(Admission::Open, founder);
        seats.push(seat(&other, &other.founder, &[]));
    }
    let mut net = Net::new(seats);
    publish(&mut net, &BUNDLE);
    for n in [1, 2] {
        let topic = call(&mut net, n, |seat, _| seat.runtime.follow(author().public(), 0).unwrap());
        net.connect(n, 0);
        net.settle();
        assert_eq!(net.nodes[n].runtime().peers_of(topic).unwrap(), [address(0)]);
    }
    net.pass(40);
    assert_eq!(net.dials.keys().collect::<Vec<_>>(), [&(1, 0), &(2, 0)]);
    // The connection is of use, though no topic of their people is shared.
    assert_eq!(net.nodes[0].peers().len(), 2);
}

//! Who is served by nobody any more, and how they come in again: docs/adr/joining.md.

use std::collections::BTreeSet;

use myrhiza_kernel_api::TopicId;

use super::net::{Net, seat};
use crate::event::Ticket;
use crate::event::payload::{Admission, Terms};
use crate::identity::ScopeKind;
use crate::node::{Seat, Told};
use crate::runtime::{Ambient, Membership};
use crate::testing::{Home, Scope, World};

fn with_ambient<T>(n: u8, act: impl FnOnce(&mut Ambient<'_>) -> T) -> T {
    act(&mut Ambient { now_ms: 1, random: &mut |bytes| bytes.fill(n) })
}

/// Does something in a node's home.
fn call<T>(net: &mut Net, n: usize, what: impl FnOnce(&mut Seat) -> T) -> T {
    let now_ms = net.now_ms;
    let (result, outputs) = net.nodes[n].call(what, now_ms);
    net.follow(n, outputs);
    result
}

/// A ticket of the first node's with that number, for one person.
fn ticket(net: &mut Net, topic: TopicId, n: u8) -> Ticket {
    let terms = Terms { uses: 1, may_invite: false, expiry: 0 };
    call(net, 0, |seat| {
        let (runtime, signer) = seat.parts();
        with_ambient(n, |ambient| runtime.invite(topic, signer, ambient, terms).unwrap())
    })
}

fn end(net: &mut Net, world: &World, ticket: &Ticket) {
    let (topic, key) = (world.id(), ticket.invitation().unwrap().key());
    call(net, 0, |seat| {
        let (runtime, signer) = seat.parts();
        let person = &world.founder.person;
        with_ambient(1, |ambient| {
            runtime.end_invitation(topic, person, key, signer, ambient).unwrap()
        });
    });
}

fn join(net: &mut Net, n: usize, ticket: &Ticket) {
    call(net, n, |seat| {
        let (runtime, signer) = seat.parts();
        with_ambient(1, |ambient| runtime.join(ticket, None, signer, ambient).unwrap());
    });
}

fn standing(net: &Net, n: usize, topic: TopicId) -> Membership {
    let Seat { runtime, scope, certificate } = &net.nodes[n].seat;
    runtime.membership(topic, scope.public(), certificate.person()).unwrap()
}

/// The founder's node, and Bob's, who has nothing.
fn founder_and_bob() -> (World, Net) {
    let world = World::new(Admission::Invite);
    let bob = Scope::new(20, 20, ScopeKind::Device);
    let Home { runtime, .. } = Home::new(&world);
    let bobs = Seat { runtime, scope: bob.device, certificate: bob.certificate };
    let net = Net::new(vec![seat(&world, &world.founder, &[]), bobs]);
    (world, net)
}

fn denied(net: &Net, n: usize) -> Vec<TopicId> {
    net.nodes[n].denied().into_iter().collect()
}

#[test]
fn who_comes_with_an_ended_ticket_is_told_and_comes_in_by_another() {
    for leaves in [false, true] {
        let (world, mut net) = founder_and_bob();
        let topic = world.id();
        let [ended, another] = [1, 2].map(|n| ticket(&mut net, topic, n));
        end(&mut net, &world, &ended);
        join(&mut net, 1, &ended);
        net.connect(1, 0);
        net.pass(2);
        assert_eq!((denied(&net, 0), denied(&net, 1)), (vec![], vec![topic]));
        // Also while nobody is connected, as between two attempts.
        net.cut(0, 1);
        assert_eq!(denied(&net, 1), [topic]);
        net.heal(0, 1);
        net.pass(120);
        assert_eq!(denied(&net, 1), [topic]);

        if leaves {
            call(&mut net, 1, |seat| {
                seat.runtime.leave(topic, &seat.certificate).unwrap();
            });
            assert_eq!(denied(&net, 1), []);
        }
        join(&mut net, 1, &another);
        net.pass(120);
        assert!(net.agree(topic), "{leaves}: {:?}", net.roots(topic));
        assert_eq!(denied(&net, 1), []);
        assert_eq!(standing(&net, 1, topic), Membership::Member, "{leaves}");
        // Genesis, the end of the ticket, and Bob's two joins.
        assert_eq!(net.roots(topic)[0].events, 4);
        let faults = net.told.iter().flatten().filter(|told| matches!(told, Told::Fault { .. }));
        assert_eq!(faults.count(), 0);
        assert_eq!(net.blamed(), Vec::<String>::new());
    }
}

#[test]
fn who_is_removed_hears_from_those_who_know_and_not_from_others() {
    let (world, mut net) = founder_and_bob();
    let topic = world.id();
    let joined = ticket(&mut net, topic, 1);
    join(&mut net, 1, &joined);
    net.connect(1, 0);
    net.pass(2);
    assert!(net.agree(topic));
    assert_eq!((denied(&net, 0), denied(&net, 1)), (vec![], vec![]));
    let person = net.nodes[1].seat.certificate.person();
    call(&mut net, 0, |seat| {
        let (runtime, signer) = seat.parts();
        with_ambient(1, |ambient| {
            runtime.remove_person(topic, person, signer, ambient).unwrap();
        });
    });
    net.settle();
    assert_eq!((denied(&net, 0), denied(&net, 1)), (vec![], vec![topic]));
    // The event that did it does not reach them.
    assert_eq!(standing(&net, 1, topic), Membership::Member);
    net.act(1, topic, "to nobody");
    net.pass(60);
    assert!(!net.agree(topic));
    assert_eq!(denied(&net, 1), [topic]);
}

#[test]
fn who_shows_no_way_in_denies_nothing() {
    let world = World::new(Admission::Invite);
    let stranger = Scope::new(30, 30, ScopeKind::Device);
    let mut net = Net::new(vec![seat(&world, &world.founder, &[]), seat(&world, &stranger, &[])]);
    net.connect(1, 0);
    net.pass(2);
    let denials = net.told[0].iter().filter(
        |told| matches!(told, Told::Denied { topic, by_peer: true, .. } if *topic == world.id()),
    );
    assert!(denials.count() > 0);
    assert_eq!(net.nodes[0].denied(), BTreeSet::new());
}

//! Which peers a home remembers: [STORE-1], [EVENT-10].

use std::collections::BTreeSet;
use std::sync::Arc;

use myrhiza_kernel_api::{PeerAddress, PublicKey, StoreExt as _, TopicId};
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

use super::acting;
use crate::event::Ticket;
use crate::event::payload::Admission;
use crate::identity::ScopeKind;
use crate::runtime::RuntimeError;
use crate::schema;
use crate::testing::{Home, Scope, World};

fn peer(n: u8, address: &str) -> PeerAddress {
    PeerAddress { key: PublicKey([n; 32]), addresses: vec![address.parse().unwrap()] }
}

/// Keys of the peers a home remembers for a topic, by their first byte.
fn known(home: &Home, topic: TopicId) -> Vec<u8> {
    home.runtime.peers_of(topic).unwrap().iter().map(|peer| peer.key.0[0]).collect()
}

/// Joins an open topic by a ticket that names peers.
fn join(home: &mut Home, world: &World, name: &str, peers: &[PeerAddress]) {
    let bob = Scope::new(2, 102, ScopeKind::Device);
    let ticket = Ticket::open(world.genesis.clone()).unwrap().with_peers(peers.to_vec());
    acting(&bob, |signer, ambient| home.runtime.join(&ticket, Some(name), signer, ambient))
        .unwrap();
}

#[test]
fn the_peers_of_a_ticket_are_remembered_with_its_topic_and_go_with_it() {
    let world = World::new(Admission::Open);
    let told = [peer(1, "ip:192.0.2.1:1"), peer(2, "ip:192.0.2.2:1")];
    let mut fresh = Home::new(&world);
    join(&mut fresh, &world, "garden", &told);
    // Also where the topic is here already.
    let mut there = Home::with(&world, std::slice::from_ref(&world.genesis));
    join(&mut there, &world, "garden", &told);
    for mut home in [fresh, there] {
        assert_eq!(home.runtime.peers_of(world.id()).unwrap(), told);
        home.runtime.leave(world.id(), &world.founder.certificate).unwrap();
        assert_eq!(home.read().prefix(schema::PEERS, &[], usize::MAX).unwrap(), []);
        let late = home.runtime.remember_peers(world.id(), &told);
        assert!(matches!(late, Err(RuntimeError::NoTopic { .. })), "{late:?}");
    }
}

#[test]
fn a_ticket_says_where_a_topic_is_that_one_is_in_already() {
    let world = World::new(Admission::Open);
    let mut home = Home::new(&world);
    join(&mut home, &world, "garden", &[]);
    assert!(known(&home, world.id()).is_empty());
    let (bob, told) = (Scope::new(2, 102, ScopeKind::Device), [peer(1, "ip:192.0.2.1:1")]);
    let ticket = Ticket::open(world.genesis.clone()).unwrap().with_peers(told.to_vec());
    let again = acting(&bob, |signer, ambient| home.runtime.join(&ticket, None, signer, ambient));
    assert!(matches!(again, Err(RuntimeError::HaveTopic { .. })), "{again:?}");
    assert_eq!(home.runtime.peers_of(world.id()).unwrap(), told);
    assert_eq!(home.runtime.take_named_peers(), BTreeSet::from([world.id()]));
    assert!(home.runtime.take_named_peers().is_empty());
}

#[test]
fn the_latest_peers_are_remembered_with_their_latest_addresses() {
    let world = World::new(Admission::Invite);
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    home.runtime.remember_peers(world.id(), &[peer(1, "ip:a"), peer(2, "ip:b")]).unwrap();
    home.runtime.remember_peers(world.id(), &[peer(3, "ip:c")]).unwrap();
    home.runtime.remember_peers(world.id(), &[peer(2, "ip:d"), peer(2, "ip:e")]).unwrap();
    home.runtime.remember_peers(world.id(), &[]).unwrap();
    let now = [peer(2, "ip:d"), peer(3, "ip:c"), peer(1, "ip:a")];
    assert_eq!(home.runtime.peers_of(world.id()).unwrap(), now);
    let many: Vec<_> = (100..200).map(|n| peer(n, "ip:f")).collect();
    home.runtime.remember_peers(world.id(), &many).unwrap();
    assert_eq!(known(&home, world.id()), (100..164).collect::<Vec<_>>());
}

#[test]
fn no_topic_crowds_out_the_peers_of_another() {
    let worlds = [1, 2, 3].map(|founder| World::founded_by(Admission::Open, founder));
    let mut home = Home::new(&worlds[0]);
    for (world, name) in worlds.iter().zip(["one", "two", "three"]) {
        join(&mut home, world, name, &[peer(1, "ip:a"), peer(2, "ip:b")]);
    }
    for n in 3..=255 {
        home.runtime.remember_peers(worlds[0].id(), &[peer(n, "ip:c")]).unwrap();
    }
    let counts = worlds.each_ref().map(|world| known(&home, world.id()).len());
    assert_eq!(counts, [60, 2, 2]);
    for n in 3..=255 {
        home.runtime.remember_peers(worlds[1].id(), &[peer(n, "ip:c")]).unwrap();
    }
    let counts = worlds.each_ref().map(|world| known(&home, world.id()).len());
    assert_eq!(counts, [31, 31, 2]);
    assert_eq!(known(&home, worlds[0].id()), (225..=255).rev().collect::<Vec<_>>());
}

#[test]
fn what_one_who_is_met_tells_is_kept_in_one_transaction() {
    let worlds = [1, 2, 3].map(|founder| World::founded_by(Admission::Open, founder));
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    let mut home = Home::over(&worlds[0], Arc::new(store));
    for (world, name) in worlds.iter().zip(["one", "two", "three"]) {
        join(&mut home, world, name, &[]);
    }
    // One commit goes well, and no other is tried.
    faults.arm(Operation::CommitBefore, 1);
    for world in &worlds {
        home.runtime.hear_of_peers(world.id(), &[peer(1, "ip:a"), peer(2, "ip:b")]).unwrap();
        home.runtime.hear_of_peers(world.id(), &[peer(3, "ip:c")]).unwrap();
        assert_eq!(known(&home, world.id()), [3, 1, 2]);
    }
    home.runtime.keep_peers().unwrap();
    home.runtime.keep_peers().unwrap();
    assert!(faults.pending());
    let rows = home.read().prefix(schema::PEERS, &[], usize::MAX).unwrap();
    assert_eq!(rows.len(), 9);
    // The next is not kept, and what the store has is known all the same.
    home.runtime.hear_of_peers(worlds[0].id(), &[peer(4, "ip:d")]).unwrap();
    home.runtime.keep_peers().unwrap_err();
    assert_eq!(known(&home, worlds[0].id()), [3, 1, 2]);
    home.runtime.remember_peers(worlds[0].id(), &[peer(5, "ip:e")]).unwrap();
    assert_eq!(known(&home, worlds[0].id()), [5, 3, 1, 2]);
}

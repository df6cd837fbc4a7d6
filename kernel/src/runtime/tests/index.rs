//! What is looked for among all topics costs as much however many there are.

use std::sync::Arc;

use myrhiza_kernel_api::{PeerAddress, PublicKey};
use myrhiza_store_kit::{FaultStore, Faults, Operation};
use myrhiza_store_memory::MemoryStore;

use super::acting;
use crate::event::Ticket;
use crate::event::payload::Admission;
use crate::identity::ScopeKind;
use crate::runtime::RuntimeError;
use crate::schema;
use crate::testing::app::{BUNDLE, author};
use crate::testing::{Home, Scope, World};

fn home(world: &World) -> (Home, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let store = FaultStore::new(Arc::new(MemoryStore::new(schema::ALL)), Arc::clone(&faults));
    (Home::over(world, Arc::new(store)), faults)
}

fn join(home: &mut Home, world: &World, name: &str) -> Result<(), RuntimeError> {
    let bob = Scope::new(2, 102, ScopeKind::Device);
    let ticket = Ticket::open(world.genesis.clone()).unwrap();
    acting(&bob, |signer, ambient| home.runtime.join(&ticket, Some(name), signer, ambient))
        .map(drop)
}

#[test]
fn with_many_topics_no_more_is_read_than_with_one() {
    let worlds: Vec<_> = (10..50).map(|n| World::founded_by(Admission::Open, n)).collect();
    let (mut home, faults) = home(&worlds[0]);
    for (n, world) in worlds.iter().enumerate() {
        join(&mut home, world, &format!("topic {n}")).unwrap();
    }
    home.runtime.follow(author().public(), 0).unwrap();
    let peer = |n: u8| PeerAddress {
        key: PublicKey([n; 32]),
        addresses: vec!["ip:192.0.2.1:1".parse().unwrap()],
    };
    let topic = worlds[0].id();
    home.runtime.remember_peers(topic, &[peer(1)]).unwrap();
    assert!(home.runtime.index_holds());

    faults.arm(Operation::Read, 20);
    assert_eq!(home.runtime.authors().unwrap().len(), 1);
    assert!(!home.runtime.is_public(BUNDLE.id()).unwrap());
    home.runtime.remember_peers(topic, &[peer(2)]).unwrap();
    let taken = home.runtime.check_name("topic 7");
    assert!(matches!(taken, Err(RuntimeError::NameTaken { .. })), "{taken:?}");
    home.runtime.check_name("topic 77").unwrap();
    assert!(faults.pending(), "more was read");
}

#[test]
fn what_is_kept_in_memory_of_the_topics_is_what_the_store_has() {
    let worlds: Vec<_> = (10..13).map(|n| World::founded_by(Admission::Open, n)).collect();
    let (mut home, faults) = home(&worlds[0]);
    join(&mut home, &worlds[0], "one").unwrap();
    join(&mut home, &worlds[1], "two").unwrap();
    home.runtime.follow(author().public(), 0).unwrap();
    assert!(home.runtime.index_holds());
    let taken = join(&mut home, &worlds[2], "two");
    assert!(matches!(taken, Err(RuntimeError::NameTaken { .. })), "{taken:?}");
    // What is left leaves its name to others; that of an author it is not known by any more.
    let own = Scope::new(2, 102, ScopeKind::Device).certificate;
    home.runtime.leave(worlds[1].id(), &own).unwrap();
    let followed = home.runtime.authors().unwrap()[0].1;
    home.runtime.leave(followed, &own).unwrap();
    assert!(home.runtime.index_holds() && home.runtime.authors().unwrap().is_empty());
    join(&mut home, &worlds[2], "two").unwrap();
    assert!(home.runtime.index_holds());
    // Whatever comes of a commit that fails.
    for fails in [Operation::CommitBefore, Operation::CommitAfter] {
        faults.arm(fails, 0);
        home.runtime.follow(author().public(), 0).unwrap_err();
        assert!(home.runtime.index_holds(), "{fails:?}");
    }
    for fails in [Operation::CommitBefore, Operation::CommitAfter] {
        faults.arm(fails, 0);
        home.runtime.leave(worlds[0].id(), &own).unwrap_err();
        assert!(home.runtime.index_holds(), "{fails:?}");
    }
}

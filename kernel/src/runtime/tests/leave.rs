//! Who left a topic comes back without a fork: [STORE-1], docs/adr/joining.md.

use myrhiza_kernel_api::{StoreExt as _, TopicId, WriteBatch};

use super::{acting, events, meet};
use crate::event::payload::{Admission, Terms};
use crate::event::{Event, Kind, Ticket};
use crate::identity::ScopeKind;
use crate::runtime::{Ambient, Membership, RuntimeError, way_in};
use crate::schema;
use crate::testing::{Home, Op, Scope, World};

/// The founder's home, and that of Bob, who is nothing yet.
fn homes() -> (World, Home, Scope, Home) {
    let world = World::new(Admission::Invite);
    let at_founder = Home::with(&world, std::slice::from_ref(&world.genesis));
    let (bob, at_bob) = (Scope::new(20, 20, ScopeKind::Device), Home::new(&world));
    (world, at_founder, bob, at_bob)
}

/// The founder's ticket with that number, for one person.
fn ticket(home: &Home, world: &World, n: u8) -> Ticket {
    let terms = Terms { uses: 1, may_invite: false, expiry: 0 };
    acting(&world.founder, |signer, _| {
        let mut ambient = Ambient { now_ms: 1, random: &mut |bytes| bytes.fill(n) };
        home.runtime.invite(world.id(), signer, &mut ambient, terms).unwrap()
    })
}

fn end(home: &mut Home, world: &World, ticket: &Ticket) {
    let key = ticket.invitation().unwrap().key();
    acting(&world.founder, |signer, ambient| {
        let person = &world.founder.person;
        home.runtime.end_invitation(world.id(), person, key, signer, ambient).unwrap();
    });
}

fn join(home: &mut Home, by: &Scope, ticket: &Ticket) -> Result<TopicId, RuntimeError> {
    acting(by, |signer, ambient| home.runtime.join(ticket, None, signer, ambient))
}

fn leave(home: &mut Home, world: &World, by: &Scope) {
    home.runtime.leave(world.id(), &by.certificate).unwrap();
    let gone = home.runtime.root(world.id());
    assert!(matches!(gone, Err(RuntimeError::NoTopic { .. })), "{gone:?}");
}

fn write(home: &mut Home, world: &World, by: &Scope) -> Result<Event, RuntimeError> {
    let made = acting(by, |signer, ambient| {
        home.runtime.submit(world.id(), signer, ambient, Op::Write as u32, b"k".to_vec())
    });
    made.map(|made| made.event)
}

/// The topic is complete with a peer: no ticket waits for it any more.
fn arrive(home: &mut Home, world: &World, by: &Scope) {
    let again = acting(by, |signer, _| home.runtime.arrived(world.id(), signer, 1)).unwrap();
    assert!(!again && way_in(&home.read(), world.id()).unwrap().is_none());
}

fn standing(home: &Home, world: &World, by: &Scope) -> Membership {
    home.runtime.membership(world.id(), by.id(), by.person()).unwrap()
}

/// What a scope made, in order: numbered without a gap, each naming the one before.
fn chain(home: &Home, world: &World, of: &Scope) -> Vec<Kind> {
    let mut own: Vec<_> = events(home, world);
    own.retain(|event| event.header().scope == of.id());
    own.sort_unstable_by_key(|event| event.header().seq);
    for (n, event) in own.iter().enumerate() {
        assert_eq!(event.header().seq, n as u64);
        let before = n.checked_sub(1).map(|before| own[before].id());
        assert_eq!(event.header().prev, before);
    }
    assert!(home.runtime.forks(world.id()).unwrap().is_empty());
    own.iter().map(|event| event.header().kind).collect()
}

#[test]
fn whose_ticket_was_ended_comes_in_by_another_after_leaving() {
    let (world, mut at_founder, bob, mut at_bob) = homes();
    let [ended, another] = [1, 2].map(|n| ticket(&at_founder, &world, n));
    join(&mut at_bob, &bob, &ended).unwrap();
    end(&mut at_founder, &world, &ended);
    leave(&mut at_bob, &world, &bob);

    join(&mut at_bob, &bob, &another).unwrap();
    // The first join is there again, and no second is made that knows nothing of it.
    assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join]);
    assert!(way_in(&at_bob.read(), world.id()).unwrap().is_some());
    meet(&world, &mut at_founder, &mut at_bob);
    assert_eq!(standing(&at_bob, &world, &bob), Membership::Awaited);
    arrive(&mut at_bob, &world, &bob);
    assert_eq!(standing(&at_bob, &world, &bob), Membership::Member);
    assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join, Kind::Join]);
    arrive(&mut at_bob, &world, &bob);
    write(&mut at_bob, &world, &bob).unwrap();
    meet(&world, &mut at_founder, &mut at_bob);
    assert!(at_founder.is_member(bob.person()));
    assert_eq!(chain(&at_founder, &world, &bob).len(), 3);
}

#[test]
fn whose_ticket_was_ended_comes_in_by_another_without_leaving() {
    let (world, mut at_founder, bob, mut at_bob) = homes();
    let [ended, another, third] = [1, 2, 3].map(|n| ticket(&at_founder, &world, n));
    join(&mut at_bob, &bob, &ended).unwrap();
    end(&mut at_founder, &world, &ended);
    let again = join(&mut at_bob, &bob, &ended);
    assert!(matches!(again, Err(RuntimeError::HaveTopic { .. })), "{again:?}");
    join(&mut at_bob, &bob, &another).unwrap();
    assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join]);
    meet(&world, &mut at_founder, &mut at_bob);
    // Whatever brings the topic, the first thing it does brings it in.
    let made = acting(&bob, |signer, ambient| {
        at_bob.runtime.take_part(world.id(), signer, ambient).unwrap()
    });
    assert_eq!(made.unwrap().event.header().kind, Kind::Join);
    assert_eq!(standing(&at_bob, &world, &bob), Membership::Member);
    arrive(&mut at_bob, &world, &bob);
    // Who is in, as far as others say too, needs no more tickets.
    let again = join(&mut at_bob, &bob, &third);
    assert!(matches!(again, Err(RuntimeError::HaveTopic { .. })), "{again:?}");
    let own = join(&mut at_founder, &world.founder, &third);
    assert!(matches!(own, Err(RuntimeError::HaveTopic { .. })), "{own:?}");
}

#[test]
fn who_comes_back_makes_nothing_before_all_they_made_is_there_again() {
    let (world, mut at_founder, bob, mut at_bob) = homes();
    let ticket = ticket(&at_founder, &world, 1);
    join(&mut at_bob, &bob, &ticket).unwrap();
    meet(&world, &mut at_founder, &mut at_bob);
    write(&mut at_founder, &world, &world.founder).unwrap();
    meet(&world, &mut at_founder, &mut at_bob);
    // On what the founder made, and known to nobody else.
    let last = write(&mut at_bob, &world, &bob).unwrap();
    for _ in 0..2 {
        leave(&mut at_bob, &world, &bob);
        join(&mut at_bob, &bob, &ticket).unwrap();
        assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join]);
        match write(&mut at_bob, &world, &bob) {
            Err(RuntimeError::Behind { event, .. }) => assert_eq!(event, last.id()),
            other => panic!("{other:?}"),
        }
        arrive(&mut at_bob, &world, &bob);
    }
    at_bob.take(&events(&at_founder, &world)).unwrap();
    assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join, Kind::App]);
    write(&mut at_bob, &world, &bob).unwrap();
    meet(&world, &mut at_founder, &mut at_bob);
    assert_eq!(chain(&at_founder, &world, &bob), [Kind::Join, Kind::App, Kind::App]);
    // Nothing is kept twice.
    arrive(&mut at_bob, &world, &bob);
    assert!(!at_bob.runtime.keeps_own(world.id()).unwrap());
}

#[test]
fn what_was_kept_is_taken_again_where_it_was_pushed_out() {
    let (world, mut at_founder, bob, mut at_bob) = homes();
    let ticket = ticket(&at_founder, &world, 1);
    write(&mut at_founder, &world, &world.founder).unwrap();
    at_bob.take(&events(&at_founder, &world)).unwrap();
    join(&mut at_bob, &bob, &ticket).unwrap();
    write(&mut at_bob, &world, &bob).unwrap();
    leave(&mut at_bob, &world, &bob);
    // Its events wait for the founder's; then they do no longer.
    join(&mut at_bob, &bob, &ticket).unwrap();
    let mut waiting = WriteBatch::new();
    for space in [schema::PENDING, schema::WAITING, schema::ARRIVALS, schema::MISSING] {
        for (key, _) in at_bob.read().prefix(space, &[], usize::MAX).unwrap() {
            waiting.delete(space, key);
        }
    }
    at_bob.store.commit(waiting).unwrap();
    at_bob.take(&events(&at_founder, &world)).unwrap();
    assert_eq!(chain(&at_bob, &world, &bob), []);
    write(&mut at_bob, &world, &bob).unwrap();
    assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join, Kind::App, Kind::App]);
}

#[test]
fn who_was_removed_does_not_come_back_by_leaving() {
    let (world, mut at_founder, bob, mut at_bob) = homes();
    let [first, another] = [1, 2].map(|n| ticket(&at_founder, &world, n));
    join(&mut at_bob, &bob, &first).unwrap();
    meet(&world, &mut at_founder, &mut at_bob);
    acting(&world.founder, |signer, ambient| {
        at_founder.runtime.remove_person(world.id(), bob.person(), signer, ambient).unwrap();
    });
    leave(&mut at_bob, &world, &bob);
    join(&mut at_bob, &bob, &another).unwrap();
    meet(&world, &mut at_founder, &mut at_bob);
    arrive(&mut at_bob, &world, &bob);
    assert_eq!(standing(&at_bob, &world, &bob), Membership::Removed);
    assert!(write(&mut at_bob, &world, &bob).is_err());
    assert_eq!(chain(&at_bob, &world, &bob), [Kind::Join]);
}

#[test]
fn without_the_app_a_ticket_waits_for_it_too() {
    let (world, mut at_founder, bob, _) = homes();
    let [ended, another] = [1, 2].map(|n| ticket(&at_founder, &world, n));
    end(&mut at_founder, &world, &ended);
    let mut at_bob = Home::new(&world);
    let installed = crate::testing::app::installed(&world.bundle);
    let mut removed = WriteBatch::new();
    for write in installed.into_writes() {
        removed.delete(write.keyspace, write.key);
    }
    at_bob.store.commit(removed).unwrap();
    join(&mut at_bob, &bob, &ended).unwrap();
    join(&mut at_bob, &bob, &another).unwrap();
    at_bob.take(&events(&at_founder, &world)).unwrap();
    let again = |home: &mut Home| {
        acting(&bob, |signer, _| home.runtime.arrived(world.id(), signer, 1)).unwrap()
    };
    assert!(again(&mut at_bob));
    at_bob.store.commit(crate::testing::app::installed(&world.bundle)).unwrap();
    arrive(&mut at_bob, &world, &bob);
    assert_eq!(standing(&at_bob, &world, &bob), Membership::Member);
}

//! One person with several homes.

use super::{acting, meet};
use crate::event::Ticket;
use crate::event::payload::{Admission, Terms};
use crate::identity::ScopeKind;
use crate::runtime::{Authored, Membership, RuntimeError, Subject};
use crate::testing::{Home, Op, Scope, World};

fn write(home: &mut Home, world: &World, by: &Scope) -> Result<Authored, RuntimeError> {
    acting(by, |signer, ambient| {
        home.runtime.submit(world.id(), signer, ambient, Op::Write as u32, b"k".to_vec())
    })
}

fn take_part(home: &mut Home, world: &World, by: &Scope) -> Result<Option<Authored>, RuntimeError> {
    acting(by, |signer, ambient| home.runtime.take_part(world.id(), signer, ambient))
}

/// The founder's laptop and, without a membership of its own, their phone.
fn homes(world: &World) -> [(Scope, Home); 2] {
    let home = || Home::with(world, std::slice::from_ref(&world.genesis));
    let phone = Scope::new(1, 2, ScopeKind::Device);
    assert_eq!(phone.person(), world.founder.person());
    [(world.founder.clone(), home()), (phone, home())]
}

#[test]
fn a_second_home_takes_part_once_and_is_one_member_with_the_first() {
    let world = World::new(Admission::Invite);
    let [(laptop, mut at_laptop), (phone, mut at_phone)] = homes(&world);
    let standing = |home: &Home, scope: &Scope| {
        home.runtime.membership(world.id(), scope.id(), scope.person()).unwrap()
    };
    assert_eq!(standing(&at_phone, &phone), Membership::Elsewhere);
    let refused = write(&mut at_phone, &world, &phone);
    assert!(matches!(refused, Err(RuntimeError::NotAMember { .. })), "{refused:?}");
    assert!(take_part(&mut at_phone, &world, &phone).unwrap().is_some());
    assert!(take_part(&mut at_phone, &world, &phone).unwrap().is_none());
    assert!(take_part(&mut at_laptop, &world, &laptop).unwrap().is_none());
    write(&mut at_phone, &world, &phone).unwrap();
    write(&mut at_laptop, &world, &laptop).unwrap();
    meet(&world, &mut at_laptop, &mut at_phone);
    assert_eq!(standing(&at_laptop, &phone), Membership::Member);
    assert_eq!(at_laptop.runtime.members(world.id()).unwrap().len(), 1);

    let stranger = Scope::new(9, 9, ScopeKind::Device);
    assert_eq!(standing(&at_laptop, &stranger), Membership::Outside);
    assert!(take_part(&mut at_laptop, &world, &stranger).unwrap().is_none());
}

#[test]
fn the_devices_of_a_person_are_those_certified_here_and_those_in_topics() {
    let world = World::new(Admission::Invite);
    let [(laptop, mut at_laptop), (phone, mut at_phone)] = homes(&world);
    let spare = Scope::new(1, 3, ScopeKind::Device);
    let stranger = Scope::new(9, 9, ScopeKind::Device);
    take_part(&mut at_phone, &world, &phone).unwrap();
    meet(&world, &mut at_laptop, &mut at_phone);
    for certified in [&spare, &phone, &stranger] {
        at_laptop.runtime.remember_device(&certified.certificate).unwrap();
    }
    let mut want = [
        (laptop.id(), vec![(world.id(), Membership::Member)]),
        (phone.id(), vec![(world.id(), Membership::Member)]),
        (spare.id(), vec![]),
    ];
    want.sort_by_key(|(scope, _)| *scope);
    let devices = at_laptop.runtime.devices(laptop.person()).unwrap();
    assert!(devices.iter().all(|device| device.name == "home"));
    let found: Vec<_> = devices.into_iter().map(|d| (d.scope, d.topics)).collect();
    assert_eq!(found, want);
}

#[test]
fn a_revoked_device_is_out_also_if_it_had_not_come_in() {
    for came_in in [true, false] {
        let world = World::new(Admission::Invite);
        let [(laptop, mut at_laptop), (phone, mut at_phone)] = homes(&world);
        let mut known = None;
        if came_in {
            take_part(&mut at_phone, &world, &phone).unwrap();
            known = Some(write(&mut at_phone, &world, &phone).unwrap().event);
            meet(&world, &mut at_laptop, &mut at_phone);
        }
        acting(&laptop, |signer, ambient| {
            let (person, scopes) = (&laptop.person, [phone.id()]);
            at_laptop.runtime.revoke(world.id(), person, &scopes, signer, ambient).unwrap();
        });
        let standing =
            |home: &Home| home.runtime.membership(world.id(), phone.id(), phone.person()).unwrap();
        assert_eq!(standing(&at_laptop), Membership::Revoked, "{came_in}");
        // It goes on without having heard.
        take_part(&mut at_phone, &world, &phone).unwrap();
        let late = write(&mut at_phone, &world, &phone).unwrap().event;
        meet(&world, &mut at_laptop, &mut at_phone);
        assert!(!at_laptop.accepts(&late));
        assert!(known.is_none_or(|known| at_laptop.accepts(&known)));
        assert_eq!(standing(&at_phone), Membership::Revoked);
        let refused = write(&mut at_phone, &world, &phone);
        assert!(refused.is_err(), "{came_in}: {refused:?}");
    }
}

#[test]
fn an_ended_ticket_lets_nobody_else_in_and_nobody_out() {
    let world = World::new(Admission::Invite);
    let [(laptop, mut home), _] = homes(&world);
    let terms = Terms { uses: 0, may_invite: false, expiry: 0 };
    let ticket: Ticket = acting(&laptop, |signer, ambient| {
        home.runtime.invite(world.id(), signer, ambient, terms).unwrap()
    });
    let join = |person: u16| {
        let (mut at, scope) = (Home::new(&world), Scope::new(person, person, ScopeKind::Device));
        acting(&scope, |signer, ambient| at.runtime.join(&ticket, None, signer, ambient)).unwrap();
        (at, scope)
    };
    let (mut at_bob, bob) = join(20);
    meet(&world, &mut home, &mut at_bob);
    acting(&laptop, |signer, ambient| {
        let key = ticket.invitation().unwrap().key();
        home.runtime.end_invitation(world.id(), &laptop.person, key, signer, ambient).unwrap();
    });
    let (mut at_carol, carol) = join(21);
    meet(&world, &mut home, &mut at_carol);
    assert!(home.is_member(bob.person()) && !home.is_member(carol.person()));
    let standing = home.runtime.membership(world.id(), carol.id(), carol.person()).unwrap();
    assert!(matches!(standing, Membership::Rejected(_)), "{standing:?}");
    meet(&world, &mut home, &mut at_bob);
    write(&mut at_bob, &world, &bob).unwrap();
}

/// Bob is in by an invitation that lets him invite nobody.
fn guest(world: &World) -> (Scope, Home, Home) {
    let (founder, mut at_founder) =
        (world.founder.clone(), Home::with(world, std::slice::from_ref(&world.genesis)));
    let terms = Terms { uses: 1, may_invite: false, expiry: 0 };
    let ticket = acting(&founder, |signer, ambient| {
        at_founder.runtime.invite(world.id(), signer, ambient, terms).unwrap()
    });
    let (bob, mut at_bob) = (Scope::new(20, 20, ScopeKind::Device), Home::new(world));
    acting(&bob, |signer, ambient| at_bob.runtime.join(&ticket, None, signer, ambient)).unwrap();
    meet(world, &mut at_founder, &mut at_bob);
    (bob, at_bob, at_founder)
}

#[test]
fn who_may_not_invite_brings_their_own_homes_in_and_nobody_elses() {
    let world = World::new(Admission::Invite);
    let (bob, at_bob, mut at_founder) = guest(&world);
    let terms = Terms { uses: 1, may_invite: false, expiry: 0 };
    let refused = acting(&bob, |signer, ambient| {
        at_bob.runtime.invite(world.id(), signer, ambient, terms).map(drop)
    });
    assert!(refused.is_err());
    let ticket =
        acting(&bob, |signer, _| at_bob.runtime.device_ticket(world.id(), signer)).unwrap();
    let ticket = Ticket::parse(&ticket.to_text()).unwrap();

    let (tablet, mut at_tablet) = (Scope::new(20, 21, ScopeKind::Device), Home::new(&world));
    let join = |home: &mut Home, by: &Scope| {
        acting(by, |signer, ambient| home.runtime.join(&ticket, None, signer, ambient))
    };
    let stranger = Scope::new(30, 30, ScopeKind::Device);
    let refused = join(&mut at_tablet, &stranger);
    assert!(matches!(refused, Err(RuntimeError::BadInput { what: Subject::Ticket, .. })));
    join(&mut at_tablet, &tablet).unwrap();
    let standing =
        |home: &Home| home.runtime.membership(world.id(), tablet.id(), tablet.person()).unwrap();
    assert_eq!(standing(&at_tablet), Membership::Awaited);
    assert!(take_part(&mut at_tablet, &world, &tablet).unwrap().is_none());
    // Nothing was signed yet: the log is the genesis alone.
    assert_eq!(at_tablet.runtime.topics().unwrap()[0].record.events, 1);
    join(&mut at_tablet, &tablet).unwrap();

    meet(&world, &mut at_founder, &mut at_tablet);
    assert_eq!(standing(&at_tablet), Membership::Elsewhere);
    assert!(take_part(&mut at_tablet, &world, &tablet).unwrap().is_some());
    write(&mut at_tablet, &world, &tablet).unwrap();
    meet(&world, &mut at_founder, &mut at_tablet);
    assert_eq!(standing(&at_founder), Membership::Member);
    assert_eq!(at_founder.runtime.members(world.id()).unwrap().len(), 2);
    let again = join(&mut at_tablet, &tablet);
    assert!(matches!(again, Err(RuntimeError::HaveTopic { .. })), "{again:?}");

    // A home that has the topic already comes in at once.
    let (phone, mut at_phone) = (
        Scope::new(20, 22, ScopeKind::Device),
        Home::with(&world, std::slice::from_ref(&world.genesis)),
    );
    meet(&world, &mut at_founder, &mut at_phone);
    join(&mut at_phone, &phone).unwrap();
    assert!(matches!(join(&mut at_phone, &phone), Err(RuntimeError::HaveTopic { .. })));
}

#[test]
fn a_home_that_waits_for_a_topic_its_person_was_removed_from_is_told() {
    let world = World::new(Admission::Invite);
    let (bob, at_bob, mut at_founder) = guest(&world);
    let ticket =
        acting(&bob, |signer, _| at_bob.runtime.device_ticket(world.id(), signer)).unwrap();
    let (tablet, mut at_tablet) = (Scope::new(20, 21, ScopeKind::Device), Home::new(&world));
    acting(&tablet, |signer, ambient| at_tablet.runtime.join(&ticket, None, signer, ambient))
        .unwrap();
    acting(&world.founder, |signer, ambient| {
        at_founder.runtime.remove_person(world.id(), bob.person(), signer, ambient).unwrap();
    });
    meet(&world, &mut at_founder, &mut at_tablet);
    let standing = at_tablet.runtime.membership(world.id(), tablet.id(), tablet.person()).unwrap();
    assert_eq!(standing, Membership::Removed);
    // Who leaves a topic forgets the way in.
    at_tablet.runtime.leave(world.id(), &tablet.certificate).unwrap();
    assert_eq!(crate::runtime::way_in(&at_tablet.read(), world.id()).unwrap(), None);
}

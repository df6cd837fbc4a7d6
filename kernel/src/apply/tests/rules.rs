use myrhiza_kernel_api::limits;

use crate::apply::{Cuts, Verdict, dry_run};
use crate::codec::Canonical;
use crate::dag::Graph;
use crate::event::payload::{Admission, Remove, Revoke};
use crate::event::{Body, Event, Header, Kind};
use crate::identity::ScopeKind;
use crate::order::Place;
use crate::testing::{Dice, Home, Op, Scope, World};

/// Every home that takes these events, in many sequences, ends as the first; which is returned.
fn in_any_sequence(world: &World, events: &[Event]) -> Home {
    let want = Home::with(world, events);
    for seed in 0..24 {
        let mut home = Home::with(world, &events[..1]);
        for event in Dice(seed).shuffled(events) {
            home.insert(&event);
        }
        assert_eq!(home.all(), want.all());
    }
    want
}

#[test]
fn concurrent_joins_spend_an_invitation_in_order() {
    let world = World::new(Admission::Invite);
    let genesis = world.genesis.id();
    let mut joins = Vec::new();
    for n in 2..6 {
        let mut joiner = Scope::new(n, 100 + n, ScopeKind::Device);
        let join = world.join(&world.founder, &mut joiner, (1, 2), &[genesis]);
        joins.push((join.id(), joiner.person(), join));
    }
    joins.sort_unstable_by_key(|(id, ..)| *id);
    let mut events = vec![world.genesis.clone()];
    events.extend(joins.iter().map(|(.., join)| join.clone()));
    let home = in_any_sequence(&world, &events);
    for (n, (id, person, _)) in joins.iter().enumerate() {
        assert_eq!(home.ruling(*id).verdict == Verdict::Accept, n < 2);
        assert_eq!(home.is_member(*person), n < 2);
    }
    assert_eq!(home.ruling(joins[2].0).reason, "the invitation is spent");
}

#[test]
fn who_came_in_over_the_count_lets_nobody_in() {
    let world = World::new(Admission::Invite);
    let genesis = world.genesis.id();
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let mut bob = Scope::new(3, 103, ScopeKind::Device);
    let mut cid = Scope::new(4, 104, ScopeKind::Device);
    let join = world.join(&world.founder, &mut ann, (1, 1), &[genesis]);
    let late = world.join(&world.founder, &mut bob, (1, 1), &[join.id()]);
    let below = world.join(&bob, &mut cid, (2, 0), &[late.id()]);
    let app = world.app(&mut cid, &[], Op::Write as u32, b"k");
    let events = [world.genesis.clone(), join, late.clone(), below.clone(), app.clone()];
    let home = in_any_sequence(&world, &events);
    assert!(!home.accepts(&late) && !home.accepts(&below) && !home.accepts(&app));
    assert!(home.ruling(app.id()).reason.starts_with("the author is not in the topic"));
}

#[test]
fn who_was_turned_away_comes_in_by_another_invitation() {
    let world = World::new(Admission::Invite);
    let genesis = world.genesis.id();
    let scope = |n| Scope::new(n, 100 + n, ScopeKind::Device);
    let (mut ann, mut bob, mut cid) = (scope(2), scope(3), scope(4));
    let first = world.join(&world.founder, &mut ann, (1, 1), &[genesis]);
    let late = world.join(&world.founder, &mut bob, (1, 1), &[first.id()]);
    let between = world.app(&mut bob, &[], Op::Write as u32, b"k");
    let again = world.join(&world.founder, &mut bob, (2, 1), &[]);
    let app = world.app(&mut bob, &[], Op::Write as u32, b"k");
    let below = world.join(&bob, &mut cid, (3, 0), &[again.id()]);
    let remove = world.remove(&mut bob, cid.person(), World::cuts(&[]), &[below.id()]);
    let refused = [late.clone(), between];
    let accepted = [first, again, app, below, remove];
    let events = [std::slice::from_ref(&world.genesis), &refused, &accepted].concat();
    let home = in_any_sequence(&world, &events);
    assert_eq!(home.ruling(late.id()).reason, "the invitation is spent");
    assert!(refused.iter().all(|event| !home.accepts(event)));
    let at = accepted.iter().position(|event| !home.accepts(event));
    assert_eq!(at, Some(3), "all but who was removed by them");
    assert!(home.is_member(bob.person()) && !home.is_member(cid.person()));
}

#[test]
fn a_person_has_no_more_scopes_than_a_remove_can_name() {
    let world = World::new(Admission::Invite);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let join = world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let mut home = Home::with(&world, &[world.genesis.clone(), join.clone()]);
    let mut lasts = vec![(ann.id(), ann.last())];
    let mut before = join.id();
    for n in 1..limits::PERSON_SCOPES as u16 + 2 {
        let mut more = Scope::new(2, 400 + n, ScopeKind::Device);
        let event = world.delegate(&mut more, &[join.id(), before]);
        home.insert(&event);
        before = event.id();
        let fits = usize::from(n) < limits::PERSON_SCOPES;
        assert_eq!(home.accepts(&event), fits, "{n}");
        if fits {
            lasts.push((more.id(), more.last()));
        }
    }
    let parents: Vec<_> = lasts.iter().filter_map(|(_, last)| *last).collect();
    let cuts = World::cuts(&lasts);
    let remove = world.remove(&mut world.founder.clone(), ann.person(), cuts, &parents);
    home.insert(&remove);
    assert!(home.accepts(&remove) && !home.is_member(ann.person()));
}

#[test]
fn the_manifest_says_which_payloads_a_device_authors_and_behaviors_author_none() {
    let world = World::new(Admission::Invite);
    let mut founder = world.founder.clone();
    let genesis = world.genesis.id();
    let mut bot = Scope::new(1, 201, ScopeKind::Behavior);
    let brought = world.delegate(&mut bot, &[genesis]);
    let events = [
        world.genesis.clone(),
        brought.clone(),
        world.app(&mut founder, &[], 99, b"k"),
        world.app(&mut bot, &[], Op::Write as u32, b"k"),
        world.app(&mut founder, &[], Op::Write as u32, b"k"),
    ];
    let home = in_any_sequence(&world, &events);
    assert!(home.accepts(&brought) && home.accepts(&events[4]));
    for refused in &events[2..4] {
        let ruling = home.ruling(refused.id());
        assert!(ruling.reason.starts_with("the manifest lets no such author"), "{ruling:?}");
        assert_eq!(ruling.fuel, 0, "the app was not asked");
    }
}

#[test]
fn one_scope_enters_once_on_each_of_its_branches() {
    let world = World::new(Admission::Invite);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let mut copy = ann.clone();
    let first = world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let again = world.join(&world.founder, &mut ann, (2, 0), &[]);
    let beside = world.join(&world.founder, &mut copy, (2, 0), &[first.id()]);
    let events = [world.genesis.clone(), first, again.clone(), beside.clone()];
    let home = in_any_sequence(&world, &events);
    assert_eq!(home.ruling(again.id()).reason, "the scope is in the topic already");
    assert!(home.accepts(&beside));
}

#[test]
fn the_dry_run_of_a_candidate_gives_the_verdict_of_its_fold() {
    let world = World::new(Admission::Invite);
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let join = world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let mut home = Home::with(&world, &[world.genesis.clone(), join.clone()]);
    let (mut founder, topic) = (world.founder.clone(), world.topic.clone());
    let all = [Op::Full, Op::Write, Op::Reject, Op::Full, Op::LongKey, Op::Full, Op::Full];
    let mut kinds: Vec<_> = all.iter().map(|op| (Kind::App, *op as u32, vec![1])).collect();
    let cuts = World::cuts(&[(ann.id(), Some(join.id()))]);
    kinds.push((Kind::Remove, 0, Remove::new(ann.person(), cuts.clone()).to_bytes()));
    kinds.push((Kind::Remove, 0, Remove::new(founder.person(), cuts).to_bytes()));
    let own = World::cuts(&[(founder.id(), Some(world.genesis.id()))]);
    let own = Revoke::sign(&founder.person, world.id(), founder.id(), own).to_bytes();
    kinds.push((Kind::Revoke, 0, own));
    for (kind, variant, payload) in kinds {
        let mut read = home.read();
        let heads = Graph::new(&read, world.id()).heads(limits::PARENTS - 2).unwrap();
        let mut parents: Vec<_> = heads.iter().map(|head| head.id).collect();
        parents.extend([join.id(), world.genesis.id()]);
        let event = world.next(&mut founder, &parents, (kind, variant, &payload));
        let header = Header { parents: event.header().parents.clone(), ..event.header().clone() };
        let body = Body::new(header, &payload).unwrap();
        let place = Place { epoch: 0, height: heads[0].height + 1, id: body.id() };
        let cuts = match kind {
            Kind::App => Cuts::of(&read, &topic).unwrap(),
            _ => Cuts::default().with(&mut read, &topic, &body, place).unwrap(),
        };
        let apps = &mut home.runtime.loaded;
        let dry = dry_run(read, &topic, &cuts, apps, &body, place).unwrap().unwrap();
        home.insert(&event);
        assert_eq!(dry.ruling, home.ruling(event.id()), "{kind:?} {variant}");
        assert_eq!(dry.writes > 0, home.accepts(&event) && kind != Kind::Revoke);
    }
}

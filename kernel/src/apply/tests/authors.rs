//! [AUTHOR-1] to [AUTHOR-4]: an author's topic, what gets into it and what is made of that.

use myrhiza_kernel_api::{BundleId, EventId};
use serde_json::{Value, json};

use crate::apply::{Facts, Verdict};
use crate::bundle::Bundle;
use crate::codec::{Canonical, CodecError};
use crate::event::payload::{Admission, Genesis, Join, Notice, NoticeError, Withdrawal};
use crate::event::{AdmissionError, Body, Event, Founding, Header, Kind, author_genesis};
use crate::hash::{Context, derive};
use crate::identity::{ScopeKind, SecretKey};
use crate::state::StateMap;
use crate::testing::app::{BUNDLE, author, version};
use crate::testing::{Dice, Home, Scope, World, key};
use crate::vectors::{hex, published};

fn publishes(bundle: &Bundle) -> Notice {
    Notice::Published(Box::new(bundle.signed_manifest()))
}

fn withdraws(bundle: BundleId, reason: &str) -> Notice {
    Notice::Withdrawn(Withdrawal::sign(&author(), bundle, reason, None).unwrap())
}

fn check(world: &World, event: &Event) -> Result<(), AdmissionError> {
    world.topic.check(event).map(drop)
}

#[test]
fn an_authors_topic_follows_from_their_key_and_no_other_is_theirs() {
    let world = World::of_author();
    let again = author_genesis(author().public()).unwrap();
    assert_eq!(
        (again.to_bytes(), world.topic.author()),
        (world.genesis.to_bytes(), Some(author().public()))
    );
    assert_ne!(author_genesis(key(1).public()).unwrap().id(), world.genesis.id());
    // The same with another clock, and one that the author has founded themselves.
    let derived = SecretKey::from_seed(&derive(Context::AuthorTopic, &[&author().public().0]).0);
    let header = Header { hlc: 1, ..world.genesis.header().clone() };
    let late = Event::sign(Body::new(header, world.genesis.payload()).unwrap(), &derived).unwrap();
    let own =
        Genesis { founder: world.founder.certificate.clone(), ..world.topic.genesis().clone() };
    let header = Header { scope: world.founder.id(), ..world.genesis.header().clone() };
    let own = Body::new(header, &own.to_bytes()).unwrap();
    let own = Event::sign(own, &world.founder.device).unwrap();
    for forged in [late, own] {
        let refused = AdmissionError::AuthorGenesis(author().public());
        assert_eq!(Founding::of(&forged).map(drop), Err(refused));
    }
}

#[test]
fn nobody_but_the_author_speaks_in_it_and_of_nothing_but_their_bundles() {
    let world = World::of_author();
    let mut desk = world.founder.clone();
    assert_eq!(check(&world, &world.enter(&mut desk)), Ok(()));
    assert_eq!(check(&world, &world.notice(&mut desk, (1, &publishes(&BUNDLE)), &[])), Ok(()));

    let mut stranger = Scope::new(2, 102, ScopeKind::Device);
    let way = AdmissionError::WayOfJoining(Admission::Author);
    assert_eq!(check(&world, &world.enter(&mut stranger)), Err(way));
    // The key that founds it is known to all, so nothing is taken from it.
    let derived = SecretKey::from_seed(&derive(Context::AuthorTopic, &[&author().public().0]).0);
    let mut known = Scope { device: derived, ..world.founder.clone() };
    known.last = Some((0, world.genesis.id()));
    let said = world.notice(&mut known, (1, &Notice::Current), &[]);
    assert_eq!(check(&world, &said), Err(AdmissionError::KnownKey));
    let join = Join::Open(world.founder.certificate.clone()).to_bytes();
    known.last = None;
    let joined = world.next(&mut known, &[world.genesis.id()], (Kind::Join, 0, &join));
    assert_eq!(check(&world, &joined), Err(AdmissionError::KnownKey));

    let foreign = version(1, &key(9));
    let said = world.notice(&mut desk, (2, &publishes(&foreign)), &[]);
    let found = foreign.author();
    let theirs = NoticeError::Author { author: author().public(), found };
    assert_eq!(check(&world, &said), Err(AdmissionError::Notice(theirs)));
    let forged = Withdrawal::sign(&key(9), BUNDLE.id(), "no", None).unwrap();
    let said = world.notice(&mut desk, (3, &Notice::Withdrawn(forged)), &[]);
    assert!(matches!(check(&world, &said), Err(AdmissionError::Notice(NoticeError::Signature(_)))));

    for kind in [Kind::App, Kind::Delegate, Kind::Remove, Kind::Upgrade] {
        let other = world.next(&mut desk, &[], (kind, 0, &[]));
        assert_eq!(check(&world, &other), Err(AdmissionError::KindOfTopic(kind)));
    }
    let garden = World::new(Admission::Open);
    let said = garden.notice(&mut garden.founder.clone(), (1, &Notice::Current), &[]);
    assert_eq!(check(&garden, &said), Err(AdmissionError::KindOfTopic(Kind::Notice)));
}

#[test]
fn what_a_later_version_says_is_told_as_that() {
    let world = World::of_author();
    let mut desk = world.founder.clone();
    for (payload, field) in [([0x83, 2, 2, 0xf6], "version"), ([0x83, 1, 3, 0xf6], "notice")] {
        desk.last = Some((0, EventId([1; 32])));
        let said = world.next(&mut desk, &[], (Kind::Notice, 0, &payload));
        let refused = check(&world, &said);
        assert!(
            matches!(&refused, Err(AdmissionError::Payload(CodecError::UpdateNeeded { field: f, .. })) if *f == field),
            "{refused:?}"
        );
    }
}

#[test]
fn a_withdrawal_holds_wherever_it_stands_and_whoever_of_the_author_carries_it() {
    let world = World::of_author();
    let (mut desk, mut phone) = (world.founder.clone(), Scope::of_author(1002));
    let (one, two) = (version(1, &author()), version(2, &author()));
    let (desk_in, phone_in) = (world.enter(&mut desk), world.enter(&mut phone));
    let first = world.notice(&mut desk, (5, &publishes(&one)), &[]);
    // Before it was published, and a second time.
    let early = world.notice(&mut desk, (6, &withdraws(two.id(), "it leaks")), &[]);
    let late = world.notice(&mut desk, (7, &publishes(&two)), &[]);
    let again = world.notice(&mut desk, (8, &withdraws(two.id(), "twice")), &[]);
    // The telephone says one thing here and another there, and is ended before both.
    let mut other = phone.clone();
    let here = world.notice(&mut phone, (9, &publishes(&BUNDLE)), &[]);
    let there = world.notice(&mut other, (9, &withdraws(one.id(), "it is old")), &[first.id()]);
    let cuts = World::cuts(&[(phone.id(), Some(phone_in.id()))]);
    let cut = world.revoke(&mut desk, &author(), cuts, &[phone_in.id()]);
    let events = [desk_in, phone_in, first, early, late, again, here, there, cut];
    let [_, _, first, early, late, again, here, there, cut] = &events;
    let mut states = Vec::new();
    for seed in 0..8 {
        let mut sent = vec![world.genesis.clone()];
        sent.extend(Dice(seed).shuffled(&events));
        let home = Home::with(&world, &sent);
        assert!([first, early, there, cut].iter().all(|event| home.accepts(event)));
        assert!([late, again, here].iter().all(|event| !home.accepts(event)));
        assert!(home.is_void(here));
        let reader = home.read();
        let facts = Facts::new(&reader, world.id());
        assert_eq!(facts.withdrawn(one.id()).unwrap(), Some(there.id()));
        assert_eq!(facts.withdrawn(two.id()).unwrap(), Some(early.id()));
        assert_eq!(facts.all_published().unwrap(), [(one.id(), first.id())]);
        assert_eq!(facts.all_current().unwrap(), [6], "the word of a scope that was cut is none");
        states.push(home.all());
    }
    assert!(states.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn words_without_news_take_no_room_in_the_state() {
    let world = World::of_author();
    let mut desk = world.founder.clone();
    let mut events = vec![world.genesis.clone(), world.enter(&mut desk)];
    for hlc in 1..200 {
        events.push(world.notice(&mut desk, (hlc, &Notice::Current), &[]));
    }
    let back = world.notice(&mut desk, (7, &Notice::Current), &[]);
    events.push(back.clone());
    let home = Home::with(&world, &events);
    assert!(!home.accepts(&back));
    let reader = home.read();
    assert_eq!(Facts::new(&reader, world.id()).all_current().unwrap(), [199]);
    let mut rows = 0;
    let all = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
    let map = StateMap::kernel(world.id());
    map.scan(&reader, all, false, &mut |_, _| {
        rows += 1;
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(rows, 4, "member, scope, the scope's name in the person's list, clock");
}

#[test]
fn the_published_topic_is_judged_as_published() {
    let world = World::of_author();
    let (mut desk, one) = (world.founder.clone(), version(1, &author()));
    let join = world.enter(&mut desk);
    let mut told =
        vec![("the topic begins", world.genesis.clone()), ("the author's desk comes in", join)];
    let word = Withdrawal::sign(&author(), BUNDLE.id(), "it loses votes", Some(one.id())).unwrap();
    for (n, (what, notice)) in [
        ("the first version is published", publishes(&BUNDLE)),
        ("the second version is published", publishes(&one)),
        ("and once more", publishes(&one)),
        ("the first is withdrawn, in favour of the second", Notice::Withdrawn(word)),
        ("there is no news", Notice::Current),
    ]
    .into_iter()
    .enumerate()
    {
        let hlc = (1_700_000_000_000 + n as u64) << 16;
        told.push((what, world.notice(&mut desk, (hlc, &notice), &[])));
    }
    let events: Vec<_> = told.iter().map(|(_, event)| event.clone()).collect();
    let home = Home::with(&world, &events);
    let event = |(what, event): &(&str, Event)| {
        let ruling = home.ruling(event.id());
        let verdict = if ruling.verdict == Verdict::Accept { "accept" } else { "reject" };
        json!({
            "what": what, "id": event.id().to_string(), "event": hex(event.to_bytes()),
            "payload": hex(event.payload()), "verdict": verdict, "reason": ruling.reason,
        })
    };
    let (reader, mut rows) = (home.read(), Vec::new());
    let all = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
    StateMap::kernel(world.id())
        .scan(&reader, all, false, &mut |key, value| {
            rows.push(json!({ "key": hex(key), "value": hex(value) }));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    let seed = derive(Context::AuthorTopic, &[&author().public().0]);
    published(
        "authors",
        &json!({
            "author": author().public().to_string(),
            "founding_seed": hex(seed.0),
            "topic": world.id().to_string(),
            "bundles": [BUNDLE.id().to_string(), one.id().to_string()],
            "events": told.iter().map(event).collect::<Value>(),
            "state": rows,
            "state_root": hex(home.runtime.root(world.id()).unwrap().state.unwrap().0),
        }),
    );
}

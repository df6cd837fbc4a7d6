//! What a home makes of authors' topics: its person's own, and those it follows.

use myrhiza_kernel_api::BundleId;

use crate::bundle::Bundle;
use crate::event::author_topic;
use crate::event::payload::Admission;
use crate::identity::ScopeKind;
use crate::runtime::{Ambient, LogRange, Runtime, RuntimeError, Signer};
use crate::testing::app::{BUNDLE, author, version};
use crate::testing::{Home, Scope, World, key};

const HOUR: u64 = 3_600_000;

fn signer(scope: &Scope) -> Signer<'_> {
    Signer { scope: &scope.device, certificate: &scope.certificate }
}

fn at<T>(now_ms: u64, act: impl FnOnce(&mut Ambient<'_>) -> T) -> T {
    act(&mut Ambient { now_ms, random: &mut |bytes| bytes.fill(7) })
}

fn withdraw(
    runtime: &mut Runtime,
    by: &Scope,
    bundle: BundleId,
    now_ms: u64,
) -> Result<(), RuntimeError> {
    at(now_ms, |ambient| {
        let by = (&by.person, signer(by));
        runtime.withdraw(by, ambient, (bundle, None), "it leaks").map(drop)
    })
}

/// Hands what one home has of the author's topic to another.
fn hand(from: &Home, to: &mut Home) {
    let topic = author_topic(author().public()).unwrap();
    let events = from.runtime.log(topic, LogRange::default()).unwrap();
    let events: Vec<_> = events.into_iter().map(|entry| entry.event).collect();
    to.runtime.follow(author().public(), 0).unwrap();
    to.runtime.ingest(topic, &events, u64::MAX >> 20).unwrap();
}

fn homes() -> [Home; 2] {
    let world = World::new(Admission::Open);
    [Home::new(&world), Home::new(&world)]
}

#[test]
fn what_an_author_says_is_known_where_it_is_followed() {
    let ([mut theirs, mut mine], desk) = (homes(), Scope::of_author(1001));
    let next = version(1, &author());
    let now = 100 * HOUR;
    let author = desk.person();
    for bundle in [&*BUNDLE, &next] {
        at(now, |ambient| theirs.runtime.publish(signer(&desk), ambient, bundle)).unwrap();
    }
    let twice = at(now, |ambient| theirs.runtime.publish(signer(&desk), ambient, &next));
    assert!(matches!(twice, Err(RuntimeError::NotAccepted(_))), "{twice:?}");
    let standing = mine.runtime.standing(BUNDLE.id(), author, now).unwrap();
    assert_eq!((standing.withdrawn.as_ref(), standing.as_of_ms), (None, None));

    hand(&theirs, &mut mine);
    let standing = mine.runtime.standing(BUNDLE.id(), author, now + HOUR).unwrap();
    assert_eq!((standing.is_open(), standing.as_of_ms), (false, Some(now)));
    // A claim of a time to come is not believed.
    assert_eq!(mine.runtime.standing(BUNDLE.id(), author, HOUR).unwrap().as_of_ms, None);
    let (all, as_of) = mine.runtime.publications(author, now).unwrap();
    let ids: Vec<_> = all.iter().map(|known| known.manifest.as_ref().unwrap().id()).collect();
    let mut both = [BUNDLE.id(), next.id()];
    both.sort_unstable();
    assert_eq!((ids, as_of), (both.to_vec(), Some(now)));

    withdraw(&mut theirs.runtime, &desk, BUNDLE.id(), now + HOUR).unwrap();
    withdraw(&mut theirs.runtime, &desk, BUNDLE.id(), now + HOUR).unwrap_err();
    hand(&theirs, &mut mine);
    let (app, word) = mine.runtime.withdrawn_apps().unwrap().remove(0);
    assert_eq!((app.id(), &*word.reason, word.at_ms), (BUNDLE.id(), "it leaks", now + HOUR));
    mine.runtime.pin(BUNDLE.id()).unwrap();
    assert_eq!(mine.runtime.withdrawn_apps().unwrap(), []);
    let standing = mine.runtime.standing(BUNDLE.id(), author, now + HOUR).unwrap();
    assert!(standing.withdrawn.is_some() && standing.pinned && !standing.is_open());
    mine.runtime.pin(next.id()).unwrap_err();
    // What is removed is not pinned any more.
    mine.runtime.install(&next).unwrap();
    withdraw(&mut theirs.runtime, &desk, next.id(), now + HOUR).unwrap();
    hand(&theirs, &mut mine);
    mine.runtime.pin(next.id()).unwrap();
    mine.runtime.uninstall(next.id()).unwrap();
    mine.runtime.install(&next).unwrap();
    assert_eq!(mine.runtime.withdrawn_apps().unwrap()[0].0.id(), next.id());
}

#[test]
fn an_author_has_no_word_on_what_others_have_signed() {
    let ([mut theirs, mut mine], desk) = (homes(), Scope::of_author(1001));
    let foreign = version(1, &key(9));
    let published = at(1, |ambient| theirs.runtime.publish(signer(&desk), ambient, &foreign));
    assert!(matches!(published, Err(RuntimeError::BadInput { .. })), "{published:?}");
    withdraw(&mut theirs.runtime, &desk, foreign.id(), 1).unwrap();
    mine.runtime.install(&foreign).unwrap();
    hand(&theirs, &mut mine);
    let standing = mine.runtime.standing(foreign.id(), foreign.author(), 1).unwrap();
    assert_eq!(standing.withdrawn, None);
    assert_eq!(mine.runtime.withdrawn_apps().unwrap(), []);
}

#[test]
fn only_a_home_that_has_spoken_says_that_there_is_no_news_and_not_too_often() {
    let ([mut home, _], desk) = (homes(), Scope::of_author(1001));
    let stay = |runtime: &mut Runtime, scope: &Scope, now| {
        let said = at(now, |ambient| runtime.stay_current(signer(scope), ambient, 12 * HOUR));
        said.unwrap().is_some()
    };
    assert!(!stay(&mut home.runtime, &desk, 100 * HOUR));
    at(100 * HOUR, |ambient| home.runtime.publish(signer(&desk), ambient, &BUNDLE)).unwrap();
    assert!(!stay(&mut home.runtime, &desk, 111 * HOUR));
    assert!(stay(&mut home.runtime, &desk, 112 * HOUR));
    assert!(!stay(&mut home.runtime, &desk, 113 * HOUR));
    assert!(!stay(&mut home.runtime, &Scope::of_author(1002), 200 * HOUR));
    let standing = home.runtime.standing(BUNDLE.id(), desk.person(), 113 * HOUR).unwrap();
    assert_eq!(standing.as_of_ms, Some(112 * HOUR));
}

/// [AUTHOR-5]
#[test]
fn authors_are_followed_as_long_as_something_of_theirs_is_here() {
    let ([mut home, _], me) = (homes(), Scope::new(2, 102, ScopeKind::Device));
    let foreign: Bundle = version(1, &key(9));
    home.runtime.install(&foreign).unwrap();
    assert_eq!(home.runtime.follow_authors(signer(&me), 0).unwrap(), 2);
    assert_eq!(home.runtime.follow_authors(signer(&me), 0).unwrap(), 0);
    assert_eq!(home.runtime.topics().unwrap(), [], "they are none of its people's");
    let topic = author_topic(foreign.author()).unwrap();
    assert_eq!(home.runtime.authors().unwrap().len(), 2);
    // Nobody takes part in one.
    let took = at(1, |ambient| home.runtime.take_part(topic, signer(&me), ambient));
    assert_eq!(took.unwrap(), None);
    home.runtime.uninstall(foreign.id()).unwrap();
    assert_eq!(home.runtime.follow_authors(signer(&me), 0).unwrap(), 1);
    assert_eq!(home.runtime.authors().unwrap().len(), 1);
    // And again, after it was left.
    home.runtime.install(&foreign).unwrap();
    assert_eq!(home.runtime.follow_authors(signer(&me), 0).unwrap(), 1);
    assert!(home.runtime.root(topic).unwrap().state.is_some());
}

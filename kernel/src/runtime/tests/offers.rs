//! What becomes of bundles that peers give.

use crate::event::payload::Admission;
use crate::runtime::RuntimeError;
use crate::testing::app::{BUNDLE, author, unmigrating};
use crate::testing::{Home, World};

// [BUNDLE-5] [SYNC-14]
#[test]
fn a_bundle_of_a_later_format_needs_an_update_and_is_no_lie() {
    let world = World::new(Admission::Open);
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    let mut bytes = BUNDLE.to_bytes();
    // Behind the eight bytes that say what it is, and the head of the array.
    assert_eq!(bytes[9], 1);
    bytes[9] = 2;
    let later = home.runtime.offer(BUNDLE.id(), &bytes);
    assert!(matches!(later, Err(RuntimeError::UpdateNeeded { .. })), "{later:?}");
    bytes[9] = 1;
    bytes.pop();
    let torn = home.runtime.offer(BUNDLE.id(), &bytes);
    assert!(matches!(torn, Err(RuntimeError::BadInput { .. })), "{torn:?}");
    assert!(home.runtime.offers().unwrap().is_empty());
}

#[test]
fn of_too_many_offers_the_one_wanted_longest_ago_goes_and_the_last_stays() {
    let world = World::new(Admission::Open);
    let mut home = Home::with(&world, std::slice::from_ref(&world.genesis));
    let mut bundles: Vec<_> = (1..=17).map(|minor| unmigrating(minor, &author())).collect();
    // The least id is the last to be wanted.
    bundles.sort_by_key(|bundle| std::cmp::Reverse(bundle.id()));
    for bundle in &bundles {
        home.runtime.want(bundle.id());
        assert!(home.runtime.offer(bundle.id(), &bundle.to_bytes()).unwrap());
    }
    // Given again it takes nobody's place.
    assert!(home.runtime.offer(bundles[16].id(), &bundles[16].to_bytes()).unwrap());
    let offers: Vec<_> = home.runtime.offers().unwrap().iter().map(|offer| offer.id()).collect();
    assert_eq!(offers, bundles[1..].iter().rev().map(|bundle| bundle.id()).collect::<Vec<_>>());
    assert_eq!(home.runtime.wanted().unwrap(), []);
    // What nobody needs any more is not kept, and said not to be.
    assert!(!home.runtime.offer(bundles[0].id(), &bundles[0].to_bytes()).unwrap());
}

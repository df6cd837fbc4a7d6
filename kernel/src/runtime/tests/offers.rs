//! What becomes of bundles that peers give.

use crate::event::payload::Admission;
use crate::runtime::RuntimeError;
use crate::testing::app::BUNDLE;
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

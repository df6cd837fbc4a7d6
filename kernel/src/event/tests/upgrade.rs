//! [UPGRADE-1], [UPGRADE-2]: which upgrades get into a log.

use myrhiza_kernel_api::{BundleId, LineageId, limits};

use super::world::*;
use crate::bundle::SignedManifest;
use crate::codec::{Canonical, CodecError, Fault};
use crate::event::payload::{HandOver, Payload, Upgrade, UpgradeError};
use crate::event::{AdmissionError, Header, Kind};
use crate::identity::SecretKey;
use crate::testing::World;
use crate::testing::app::{BUNDLE, author, version};

fn heir(n: u8) -> SecretKey {
    SecretKey::from_seed(&[90 + n; 32])
}

fn lineage() -> LineageId {
    BUNDLE.lineage()
}

fn upgrade(by: &SecretKey, hand_overs: Vec<HandOver>) -> Upgrade {
    let to = version(1, by).signed_manifest();
    Upgrade { from: BUNDLE.id(), to, hand_overs }
}

/// From the app's author through heirs 1 to `n`, who is the bundle's author.
fn chain(n: u8) -> Vec<HandOver> {
    let authors: Vec<_> = [author()].into_iter().chain((1..=n).map(heir)).collect();
    let pairs = authors.windows(2);
    pairs.map(|pair| HandOver::sign(&pair[0], lineage(), pair[1].public())).collect()
}

#[test]
fn an_upgrade_is_to_a_bundle_by_the_apps_author_or_whom_it_was_handed_over_to() {
    assert_eq!(upgrade(&author(), Vec::new()).verify(lineage()), Ok(()));
    for n in [1, 2, limits::HAND_OVERS as u8] {
        let handed = upgrade(&heir(n), chain(n));
        assert_eq!(handed.verify(lineage()), Ok(()), "{n}");
        assert_eq!(Upgrade::from_bytes(&handed.to_bytes()), Ok(handed));
    }
    let lineage_of = |result| matches!(result, Err(UpgradeError::Lineage { .. }));
    assert!(lineage_of(upgrade(&heir(1), Vec::new()).verify(lineage())));
    assert!(lineage_of(upgrade(&author(), Vec::new()).verify(LineageId([3; 32]))));
    assert!(lineage_of(upgrade(&heir(2), chain(2).split_off(1)).verify(lineage())));
}

#[test]
fn a_hand_over_is_to_one_key_for_one_app() {
    let broken = |hand_overs: Vec<HandOver>, by: &SecretKey| match upgrade(by, hand_overs)
        .verify(lineage())
    {
        Err(UpgradeError::HandOver { number, .. }) => Some(number),
        _ => None,
    };
    assert_eq!(broken(chain(2), &heir(3)), Some(1), "the last is not to the bundle's author");
    let mut skipped = chain(3);
    skipped.remove(1);
    assert_eq!(broken(skipped, &heir(3)), Some(0));
    let other = HandOver::sign(&author(), LineageId([9; 32]), heir(1).public());
    assert_eq!(broken(vec![other], &heir(1)), Some(0));
    let forged = HandOver::sign(&heir(2), lineage(), heir(1).public()).to_bytes();
    let mut forged_by_author = HandOver::sign(&author(), lineage(), heir(1).public()).to_bytes();
    let signature = forged_by_author.len() - 64;
    forged_by_author[signature..].copy_from_slice(&forged[signature..]);
    assert_eq!(broken(vec![HandOver::from_bytes(&forged_by_author).unwrap()], &heir(1)), Some(0));
}

#[test]
fn a_changed_manifest_is_not_its_authors() {
    let bytes = version(1, &author()).signed_manifest().to_bytes();
    let name = b"Script";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    let mut changed = bytes.clone();
    changed[at] = b's';
    let to = SignedManifest::from_bytes(&changed).unwrap();
    let upgrade = Upgrade { from: BundleId([1; 32]), to, hand_overs: Vec::new() };
    assert!(matches!(upgrade.verify(lineage()), Err(UpgradeError::Signature { .. })));
}

#[test]
fn the_bundle_named_is_the_one_whose_manifest_it_is() {
    let bundle = version(2, &author());
    let signed = bundle.signed_manifest();
    assert_eq!((signed.id(), signed.author()), (bundle.id(), bundle.author()));
    assert_eq!(signed.verify(), Ok(()));
    assert_eq!(SignedManifest::from_bytes(&signed.to_bytes()), Ok(signed));
}

#[test]
fn an_upgrade_with_too_much_of_anything_is_refused() {
    let length = |upgrade: &Upgrade| match Upgrade::from_bytes(&upgrade.to_bytes()) {
        Err(CodecError::Malformed { fault: Fault::Length { field, .. }, .. }) => Some(field),
        _ => None,
    };
    let mut long = upgrade(&author(), Vec::new());
    long.hand_overs = vec![chain(1).remove(0); limits::HAND_OVERS + 1];
    assert_eq!(length(&long), Some("hand-overs"));
    let huge = vec![0; Upgrade::MAX_BYTES + 1];
    assert!(matches!(
        Upgrade::from_bytes(&huge),
        Err(CodecError::Malformed { fault: Fault::TooLarge { .. }, .. })
    ));
}

#[test]
fn a_topic_admits_upgrades_of_its_own_app_alone() {
    let (mine, other) = (World::upgradable(), found(crate::event::payload::Admission::Invite).0);
    let device = &mine.founder.device;
    let payload = upgrade(&author(), Vec::new());
    let of = |topic| Header { kind: Kind::Upgrade, variant: 0, ..header(topic, device) };
    let event = sign(of(mine.id()), &payload.to_bytes(), device);
    assert_eq!(mine.topic.check(&event), Ok(Payload::Upgrade(payload.clone())));
    let event = sign(of(other.topic()), &payload.to_bytes(), device);
    let refused = other.check(&event);
    assert!(matches!(refused, Err(AdmissionError::Upgrade(UpgradeError::Lineage { .. }))));
    let event = sign(of(mine.id()), b"", device);
    assert!(matches!(mine.topic.check(&event), Err(AdmissionError::Payload(_))));
}

use std::collections::BTreeMap;

use myrhiza_kernel_api::{PublicKey, limits};
use proptest::prelude::*;

use super::{author, components, counter, unsigned};
use crate::bundle::{
    Authored, BundleError, MAGIC, PackError, Packed, Part, UnsignedBundle, open, pack, unpack,
};
use crate::codec::{Canonical, Writer};
use crate::identity::SecretKey;

fn part_of(error: &BundleError) -> Option<Part> {
    match error {
        BundleError::Damaged { part } | BundleError::Malformed { part, .. } => Some(part.clone()),
        _ => None,
    }
}

#[test]
fn a_signed_bundle_opens_to_what_was_packed() {
    let signed = unsigned().sign(&author());
    let opened = open(&signed.to_bytes()).unwrap();
    assert_eq!(opened, signed);
    assert_eq!(opened.author(), author().public());
    assert_eq!(opened.lineage(), counter().lineage(&author().public()));
    assert_eq!(opened.components(), &components());
}

#[test]
fn an_unsigned_bundle_unpacks_and_does_not_open() {
    let bytes = unsigned().to_bytes();
    assert_eq!(unpack(&bytes), Ok(Packed::Unsigned(unsigned())));
    assert_eq!(open(&bytes), Err(BundleError::Unsigned));
}

/// [BUNDLE-5]
#[test]
fn a_flipped_bit_at_every_position_is_refused() {
    for whole in [unsigned().sign(&author()).to_bytes(), unsigned().to_bytes()] {
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                assert!(unpack(&bytes).is_err(), "bit {bit} of byte {at} of {}", whole.len());
            }
        }
        for length in 0..whole.len() {
            assert!(unpack(&whole[..length]).is_err(), "cut to {length}");
        }
    }
}

/// [BUNDLE-5]
#[test]
fn damage_is_told_by_part() {
    let whole = unsigned().sign(&author()).to_bytes();
    let damaged = |needle: &[u8]| {
        let at = whole.windows(needle.len()).position(|w| w == needle).unwrap();
        let mut bytes = whole.clone();
        bytes[at + needle.len() - 1] ^= 1;
        unpack(&bytes).unwrap_err()
    };
    assert_eq!(part_of(&damaged(b"Counts.")), Some(Part::Manifest));
    let component = |profile: &str| Some(Part::Component(profile.into()));
    assert_eq!(part_of(&damaged(b"\0asm apply")), component("state-apply"));
    assert_eq!(part_of(&damaged(b"\0asm propose")), component("state-propose"));
    let mut bytes = whole.clone();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(matches!(unpack(&bytes), Err(BundleError::Signature { .. })));
    assert_eq!(unpack(b"\0asm"), Err(BundleError::NotABundle));
    let trailing = [whole.as_slice(), b"x"].concat();
    assert_eq!(part_of(&unpack(&trailing).unwrap_err()), Some(Part::Frame));
    let mut later = whole.clone();
    later[MAGIC.len() + 1] = 2;
    assert!(unpack(&later).unwrap_err().to_string().contains("update needed"));
}

/// [BUNDLE-4]
#[test]
fn no_author_can_take_anothers_bundle() {
    let mine = unsigned().sign(&author()).to_bytes();
    let theirs = unsigned().sign(&SecretKey::from_seed(&[8; 32]));
    assert_ne!(theirs.id(), open(&mine).unwrap().id());
    assert_ne!(theirs.lineage(), open(&mine).unwrap().lineage());
    // My content under their signature: hashes are right, the signature is not mine.
    let their_signature = theirs.to_bytes()[mine.len() - 64..].to_vec();
    let forged = [&mine[..mine.len() - 64], &their_signature].concat();
    assert!(
        matches!(unpack(&forged), Err(BundleError::Signature { author: a, .. }) if a == author().public())
    );
}

/// A frame with any manifest bytes, components and signature, hashed rightly.
fn framed(manifest: &[u8], profiles: &[&str], signature: Option<[u8; 64]>) -> Vec<u8> {
    use crate::hash::{Context, derive};
    let mut w = Writer::new();
    w.raw(MAGIC).array(4).u64(1);
    w.array(2).bytes(derive(Context::ManifestHash, &[manifest])).bytes(manifest);
    w.list(profiles.iter(), |w, profile| {
        w.array(3).text(profile).bytes(derive(Context::ComponentId, &[b"x"])).bytes(b"x");
    });
    w.option(signature, |w, signature| {
        w.bytes(signature);
    });
    w.into_bytes()
}

/// [BUNDLE-5]
#[test]
fn the_frame_is_checked_against_the_manifest() {
    let manifest = |author| Authored { manifest: counter(), author }.to_bytes();
    let both = ["state-apply", "state-propose"];
    assert!(unpack(&framed(&manifest(None), &both, None)).is_ok());
    for found in
        [&both[..1], &["state-propose", "state-apply"], &["state-apply", "state-apply"], &[]]
    {
        let error = unpack(&framed(&manifest(None), found, None)).unwrap_err();
        assert!(matches!(error, BundleError::Components { .. }), "{found:?}: {error}");
    }
    let author = Some(PublicKey([1; 32]));
    let half = |bytes: Vec<u8>| matches!(unpack(&bytes), Err(BundleError::HalfSigned { .. }));
    assert!(half(framed(&manifest(author), &both, None)));
    assert!(half(framed(&manifest(None), &both, Some([0; 64]))));
    let error = unpack(&framed(b"\x80", &both, None)).unwrap_err();
    assert!(matches!(error, BundleError::Manifest { .. }), "{error}");
}

#[test]
fn only_what_fits_is_packed() {
    let named = |components| match pack(counter(), components) {
        Err(PackError::Components { found, .. }) => found.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(named(BTreeMap::new()), 0);
    let mut more = components();
    more.insert("interaction".into(), Vec::new());
    assert_eq!(named(more), 3);
    let mut large = components();
    large.insert("state-apply".into(), vec![0; limits::COMPONENT_BYTES + 1]);
    let part = Part::Component("state-apply".into());
    let (bytes, max) = (limits::COMPONENT_BYTES + 1, limits::COMPONENT_BYTES);
    assert_eq!(pack(counter(), large), Err(PackError::Size { part, bytes, max }));
    let mut wordy = counter();
    wordy.authors.insert("state-propose".into(), (1 << 20..(1 << 20) + 20_000).collect());
    let refused = pack(wordy, components());
    assert!(matches!(refused, Err(PackError::Size { part: Part::Manifest, .. })));
}

#[test]
fn signing_changes_nothing_but_the_author() {
    let manifest: &UnsignedBundle = &unsigned();
    let signed = manifest.clone().sign(&author());
    assert_eq!(signed.manifest(), manifest.manifest());
    assert_eq!(signed, manifest.clone().sign(&author()), "signing is deterministic");
}

proptest! {
    #[test]
    fn no_bytes_make_unpack_fail_otherwise_than_by_an_error(
        at in 0..400_usize, junk in proptest::collection::vec(any::<u8>(), 1..9), cut in 0..9_usize,
    ) {
        let whole = unsigned().sign(&author()).to_bytes();
        let at = at.min(whole.len());
        let mut bytes = whole.clone();
        bytes.splice(at..(at + cut).min(whole.len()), junk);
        prop_assert!(bytes == whole || unpack(&bytes).is_err());
    }
}

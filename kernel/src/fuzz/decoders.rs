use std::path::Path;

use myrhiza_kernel_api::{EventId, Hash, PeerAddress};

use super::{published, run};
use crate::codec::Canonical;
use crate::drift::{Anchor, Report, Vote};
use crate::event::payload::{
    Admission, Delegate, Genesis, HandOver, Invitation, Join, Link, Notice, Payload, Remove,
    Revoke, Upgrade,
};
use crate::event::{Event, ForkProof, Founding, Ticket, UnverifiedEvent};
use crate::hash::{Context, derive};
use crate::identity::{Certificate, DeviceAnswer, DeviceRequest};
use crate::runtime::TopicRecord;
use crate::testing::{Dice, World};
use crate::{bundle, component, export, identity, state, sync};

#[test]
fn whatever_bytes_come_nothing_panics_and_only_the_one_form_is_read() {
    let genesis = World::new(Admission::Invite).genesis;
    let founding = Founding::of(&genesis).unwrap();
    let mut corpus = published();
    corpus.extend([genesis.to_bytes(), genesis.payload().to_vec()]);
    run(corpus, 1, |dice, bytes| {
        let event = event(dice, bytes, &genesis, &founding);
        let read = read(bytes) | bundle::unpack(bytes).is_ok();
        let _ = ForkProof::from_bytes(bytes).map(|proof| proof.verify());
        let _ = bundle::inspect(bytes, None, &[]);
        let _ = state::trie::verify_state(Hash([1; 32]), b"\x01k", bytes);
        let _ = state::trie::verify_log(Hash([1; 32]), 5, EventId([2; 32]), bytes);
        let _ = identity::sealed::open(bytes, None);
        let _ = Ticket::parse(&ticket(bytes));
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = (Ticket::parse(text), identity::names::parse_person(text));
        }
        read_export(dice, bytes);
        event || read
    });
}

/// True if the bytes are a value of any type that comes from elsewhere.
fn read(bytes: &[u8]) -> bool {
    let read = [
        canonical::<Certificate>(bytes),
        canonical::<DeviceAnswer>(bytes),
        canonical::<DeviceRequest>(bytes),
        canonical::<PeerAddress>(bytes),
        canonical::<Join>(bytes),
        canonical::<Link>(bytes),
        canonical::<Remove>(bytes),
        canonical::<Revoke>(bytes),
        canonical::<Upgrade>(bytes),
        canonical::<Notice>(bytes),
        canonical::<HandOver>(bytes),
        canonical::<bundle::SignedManifest>(bytes),
        canonical::<Invitation>(bytes),
        canonical::<Genesis>(bytes),
        canonical::<Delegate>(bytes),
        canonical::<ForkProof>(bytes),
        canonical::<TopicRecord>(bytes),
        canonical::<Anchor>(bytes),
        canonical::<Vote>(bytes),
        canonical::<Report>(bytes),
        canonical::<sync::message::Message>(bytes),
        canonical::<sync::Proof>(bytes),
    ];
    read.contains(&true)
}

/// Lists that are said to be as long as any may be, with `left` bytes of what could be items.
fn promises(left: usize) -> Vec<Vec<u8>> {
    let item = |byte: u8| {
        move |kind: u8| {
            let mut bytes = vec![0x83, kind, 0x00, 0x99, 0x04, 0x00];
            bytes.resize(bytes.len() + left, byte);
            bytes
        }
    };
    let kinds = || 0..48u8;
    kinds().map(item(0x40)).chain(kinds().map(item(0x00))).chain(kinds().map(item(0x80))).collect()
}

#[test]
fn what_is_decoded_takes_memory_in_proportion_to_its_bytes() {
    let takes = |bytes: &[u8]| {
        let mut taken = false;
        let used = allocation_counter::measure(|| taken = read(bytes));
        let most = 64 * bytes.len() as u64 + (256 << 10);
        assert!(used.bytes_max <= most, "{} bytes for {}", used.bytes_max, bytes.len());
        taken
    };
    for bytes in promises(100).iter().chain(&promises(sync::limits::MESSAGE_BYTES - 6)) {
        takes(bytes);
    }
    run(published(), 8, |_, bytes| takes(bytes));
}

/// An event, alone and in a file.
fn event(dice: &mut Dice, bytes: &[u8], genesis: &Event, founding: &Founding) -> bool {
    let Ok(event) = UnverifiedEvent::decode(bytes) else { return false };
    assert_eq!(event.to_bytes(), bytes);
    let stored = Event::decode_stored(event.id(), bytes).unwrap();
    let _ = Payload::decode(stored.body());
    let _ = (Founding::of(&stored), founding.check(&stored));
    let mut writer = export::Writer::new(genesis, &[]);
    writer.event(bytes);
    read_export(dice, &writer.finish(&Hash([0; 32])));
    true
}

fn canonical<T: Canonical>(bytes: &[u8]) -> bool {
    let value = T::from_bytes(bytes);
    if let Ok(value) = &value {
        assert_eq!(value.to_bytes(), bytes, "{} has another form", T::WHAT);
    }
    value.is_ok()
}

/// A ticket's text around bytes, with the checksum that fits.
fn ticket(bytes: &[u8]) -> String {
    let sum = derive(Context::TicketChecksum, &[bytes]).0;
    let prefix = bech32::Hrp::parse_unchecked("myrticket");
    bech32::encode::<bech32::NoChecksum>(prefix, &[bytes, &sum[..4]].concat()).unwrap()
}

/// In pieces of any size.
fn read_export(dice: &mut Dice, bytes: &[u8]) {
    let mut reader = export::Reader::new();
    for piece in bytes.chunks(1 + dice.below(bytes.len().max(1))) {
        reader.push(piece);
        while let Ok(Some(_)) = reader.next_item() {}
    }
    let _ = reader.finish();
}

#[test]
fn whatever_a_manifest_says_nothing_panics() {
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apps");
    let manifest = |app| std::fs::read(apps.join(app).join("manifest.toml")).unwrap();
    let mut corpus: Vec<_> =
        ["counter", "counter2", "poll", "sketch", "pins", "wrecker"].map(manifest).into();
    corpus.push(b"a = [[[[[[[[[[[[[[[[[[[[[[[[".to_vec());
    corpus.push(b"a.b.c.d.e.f = {a={a={a={a={a=1}}}}}".to_vec());
    let profiles = ["state-apply", "migrate", "state-propose", "interaction"];
    run(corpus, 1, |_, bytes| bundle::Source::parse(bytes, &profiles).is_ok());
    for (piece, times) in [("[", 60_000), ("a=[", 20_000), ("a={a=", 12_000), ("a.", 30_000)] {
        let deep = bundle::Source::parse(piece.repeat(times).as_bytes(), &profiles);
        assert!(deep.is_err(), "{piece} {times} times");
    }
}

#[test]
fn whatever_a_component_holds_what_is_admitted_is_valid() {
    let corpus = vec![
        bundle::tests::guests::apply("", ""),
        bundle::tests::guests::apply(
            &bundle::tests::guests::import("myrhiza:kernel/state@1.0.0"),
            "",
        ),
        component::tests::component("", component::tests::BUSY),
    ];
    run(corpus, 20, |_, bytes| {
        let Ok(admitted) = component::admit(bytes, &component::tests::STRICT) else { return false };
        let mut validator = wasmparser::Validator::new();
        assert!(validator.validate_all(&admitted.bytes).is_ok(), "{bytes:02x?}");
        true
    });
}

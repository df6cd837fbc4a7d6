//! Decoding and verifying events, beside what any implementation has to pay: one Ed25519
//! verification by ed25519-dalek, and a batch by ed25519-zebra.
#![allow(clippy::expect_used, reason = "a bench")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use myrhiza_kernel::event::{Body, Event, Header, Kind, UnverifiedEvent, verify_all};
use myrhiza_kernel::identity::SecretKey;
use myrhiza_kernel_api::{EventId, TopicId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const AUTHORS: u64 = 4;

/// Events of 280 bytes, by four authors in turn.
fn events(count: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| {
            let key = SecretKey::from_seed(&[(n % AUTHORS) as u8; 32]);
            let header = Header {
                topic: TopicId([7; 32]),
                scope: key.public(),
                seq: n / AUTHORS + 1,
                prev: Some(EventId([1; 32])),
                parents: vec![EventId([2; 32])],
                hlc: (1_700_000_000_000 + n) << 16,
                generation: 0,
                kind: Kind::App,
                variant: 1,
            };
            let body = Body::new(header, &[n as u8; 58]).expect("within limits");
            Event::sign(body, &key).expect("its author").to_bytes()
        })
        .collect()
}

fn decoded(events: &[Vec<u8>]) -> Vec<UnverifiedEvent> {
    events.iter().map(|bytes| UnverifiedEvent::decode(bytes).expect("made above")).collect()
}

fn bench(c: &mut Criterion) {
    let bytes = events(1024);
    let one = &bytes[0];
    println!("an event has {} bytes", one.len());
    let id = UnverifiedEvent::decode(one).expect("made above").id();

    let mut group = c.benchmark_group("event");
    group.bench_function("decode stored", |b| {
        b.iter(|| Event::decode_stored(id, black_box(one)));
    });
    group.bench_function("decode and hash", |b| {
        b.iter(|| UnverifiedEvent::decode(black_box(one)));
    });
    group.bench_function("decode, hash, verify", |b| {
        b.iter(|| UnverifiedEvent::decode(black_box(one)).map(UnverifiedEvent::verify));
    });
    group.bench_function("sign", |b| {
        let key = SecretKey::from_seed(&[1; 32]);
        let scope = key.public();
        let header =
            Header { scope, ..UnverifiedEvent::decode(one).expect("made").body().header().clone() };
        let body = Body::new(header, &[1; 58]).expect("within limits");
        b.iter_batched(|| body.clone(), |body| Event::sign(body, &key), BatchSize::SmallInput);
    });
    for count in [64, 256, 1024] {
        let events = decoded(&bytes[..count]);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("verify {count}"), |b| {
            b.iter_batched(|| events.clone(), verify_all, BatchSize::LargeInput);
        });
    }
    group.finish();

    let mut group = c.benchmark_group("reference");
    let signing = SigningKey::from_bytes(&[1; 32]);
    let signature = signing.sign(&id.0);
    let key = signing.verifying_key().to_bytes();
    group.bench_function("ed25519-dalek verify_strict", |b| {
        b.iter(|| {
            VerifyingKey::from_bytes(black_box(&key))
                .and_then(|k| k.verify_strict(&id.0, &signature))
        });
    });
    for count in [256u64, 1024] {
        group.throughput(Throughput::Elements(count));
        let items: Vec<_> = (0..count)
            .map(|n| {
                let signing = SigningKey::from_bytes(&[(n % AUTHORS) as u8; 32]);
                let message = n.to_le_bytes();
                let signature = signing.sign(&message).to_bytes();
                (signing.verifying_key().to_bytes(), signature, message)
            })
            .collect();
        group.bench_function(format!("ed25519-zebra batch {count}"), |b| {
            b.iter(|| {
                let mut batch = ed25519_zebra::batch::Verifier::new();
                for (key, signature, message) in &items {
                    let key = ed25519_zebra::VerificationKeyBytes::from(*key);
                    batch.queue((key, ed25519_zebra::Signature::from(*signature), message));
                }
                batch.verify(ChaCha8Rng::from_seed([0; 32]))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);

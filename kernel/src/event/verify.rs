//! Checks the signatures of many events at once.

use std::collections::BTreeMap;

use myrhiza_kernel_api::PublicKey;

use super::{Event, UnverifiedEvent};
use crate::hash::Context;
use crate::identity::ed25519::{Claim, SignatureError, VerifyingKey, verify_batch};
use crate::identity::signed_message;

/// Signatures to one equation. Larger batches gain little, and a bad signature then costs more.
const BATCH: usize = 1024;

/// A share of the work, to be run on any thread.
pub type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

type Verified = Vec<Result<Event, SignatureError>>;

/// The verdict of each event, in order: exactly that of [`UnverifiedEvent::verify`].
pub fn verify_all(events: Vec<UnverifiedEvent>) -> Verified {
    let verdicts: Vec<_> = events.chunks(BATCH).flat_map(verdicts).collect();
    events
        .into_iter()
        .zip(verdicts)
        .map(|(event, verdict)| verdict.map(|()| event.assume_verified()))
        .collect()
}

/// Like [`verify_all`], with the work cut into `shares` that `run` may run side by side. It must
/// return when all are done; what it leaves undone is done here.
pub fn verify_all_on(
    events: Vec<UnverifiedEvent>,
    shares: usize,
    run: impl FnOnce(Vec<Job<'_>>),
) -> Verified {
    let share = events.len().div_ceil(shares.max(1)).max(1);
    let mut todo = events.into_iter();
    let mut slots: Vec<Share> = Vec::new();
    while todo.len() > 0 {
        slots.push(Share { todo: todo.by_ref().take(share).collect(), done: Vec::new() });
    }
    run(slots.iter_mut().map(|slot| Box::new(|| slot.work()) as Job<'_>).collect());
    slots
        .into_iter()
        .flat_map(|mut slot| {
            slot.work();
            slot.done
        })
        .collect()
}

struct Share {
    todo: Vec<UnverifiedEvent>,
    done: Verified,
}

impl Share {
    fn work(&mut self) {
        self.done.extend(verify_all(std::mem::take(&mut self.todo)));
    }
}

fn verdicts(events: &[UnverifiedEvent]) -> Vec<Result<(), SignatureError>> {
    let mut keys: BTreeMap<PublicKey, Result<VerifyingKey, SignatureError>> = BTreeMap::new();
    for event in events {
        let scope = event.body().header().scope;
        keys.entry(scope).or_insert_with(|| VerifyingKey::new(&scope));
    }
    let claims: Vec<_> = events.iter().map(|event| claim(event, &keys)).collect();
    let formed: Vec<_> = claims.iter().flatten().cloned().collect();
    let mut equations = verify_batch(&formed).into_iter();
    claims
        .into_iter()
        .map(|claim| claim.and_then(|_| equations.next().unwrap_or(Err(SignatureError::Mismatch))))
        .collect()
}

fn claim<'k>(
    event: &UnverifiedEvent,
    keys: &'k BTreeMap<PublicKey, Result<VerifyingKey, SignatureError>>,
) -> Result<Claim<'k>, SignatureError> {
    let key = match keys.get(&event.body().header().scope) {
        Some(Ok(key)) => key,
        Some(Err(error)) => return Err(*error),
        None => return Err(SignatureError::KeyEncoding),
    };
    let message = signed_message(Context::EventSignature, &[&event.id().0]);
    Claim::new(key, message.as_bytes(), &event.signature)
}

use std::ops::{Bound, ControlFlow};

use myrhiza_kernel_api::host::{HostResult, HostStop, HostTrap, Level};
use myrhiza_kernel_api::store::Visit;
use myrhiza_kernel_api::{Hash, PublicKey, Signature, StoreError, TopicId, limits};

use super::meter::Meter;
use crate::apply::Facts;
use crate::codec::Canonical;
use crate::event::ForkProof;
use crate::fault::Fault;
use crate::identity::ed25519::VerifyingKey;
use crate::state::{Overlay, StateMap};

/// What every profile's host shares: the state to read, the topic's facts, the meter.
pub(in crate::apply) struct Common {
    pub(in crate::apply) overlay: Overlay,
    topic: TopicId,
    guest: StateMap,
    pub(super) meter: Meter,
    founder: PublicKey,
}

impl Common {
    pub(in crate::apply) fn new(overlay: Overlay, topic: TopicId, founder: PublicKey) -> Self {
        let guest = StateMap::guest(topic);
        Self { overlay, topic, guest, meter: Meter::default(), founder }
    }

    /// Starts the count of a new call.
    pub(in crate::apply) fn reset_meter(&mut self) {
        self.meter = Meter::default();
    }

    /// The same for a call that goes on where the last one stopped.
    pub(in crate::apply) fn next_chunk(&mut self) {
        self.meter.next_chunk();
    }

    pub(super) fn log(&mut self, level: Level, message: &[u8]) -> HostResult<()> {
        self.meter.call(message.len())?;
        let (topic, text) = (self.topic, String::from_utf8_lossy(message));
        match level {
            Level::Error => tracing::error!(target: "app", %topic, "{text}"),
            Level::Warn => tracing::warn!(target: "app", %topic, "{text}"),
            Level::Info => tracing::info!(target: "app", %topic, "{text}"),
            Level::Debug => tracing::debug!(target: "app", %topic, "{text}"),
        }
        Ok(())
    }

    pub(super) fn hash(&mut self, data: &[u8]) -> HostResult<Hash> {
        self.meter.call(data.len())?;
        self.meter.gives(Hash::LEN)?;
        Ok(Hash(*blake3::hash(data).as_bytes()))
    }

    pub(super) fn verify(&mut self, key: &[u8], message: &[u8], sig: &[u8]) -> HostResult<bool> {
        self.meter.calls(limits::SIGNATURE_CALLS, key.len() + message.len() + sig.len())?;
        let (Ok(key), Ok(sig)) = (key.try_into(), sig.try_into()) else {
            return Err(HostStop::Trap(HostTrap::Argument));
        };
        let verified =
            VerifyingKey::new(&PublicKey(key)).and_then(|key| key.verify(message, &Signature(sig)));
        Ok(verified.is_ok())
    }

    pub(super) fn fork_proof(&mut self, proof: &[u8]) -> HostResult<Option<PublicKey>> {
        // Two events, each signed.
        self.meter.calls(2 * limits::SIGNATURE_CALLS, proof.len())?;
        let topic = self.topic;
        let proved = ForkProof::from_bytes(proof).ok().and_then(|proof| proof.verify().ok());
        let scope = proved.filter(|proved| proved.topic == topic).map(|proved| proved.scope);
        self.meter.gives(scope.map_or(0, |_| PublicKey::LEN))?;
        Ok(scope)
    }

    pub(super) fn topic(&mut self) -> HostResult<TopicId> {
        self.meter.call(0)?;
        self.meter.gives(TopicId::LEN)?;
        Ok(self.topic)
    }

    pub(super) fn founder(&mut self) -> HostResult<PublicKey> {
        self.meter.call(0)?;
        self.meter.gives(PublicKey::LEN)?;
        Ok(self.founder)
    }

    pub(super) fn generation(&mut self) -> HostResult<u32> {
        self.meter.call(0)?;
        let upgraded = Facts::new(&self.overlay, self.topic).upgraded().map_err(local)?;
        Ok(upgraded.map_or(0, |in_force| in_force.generation))
    }

    pub(super) fn member(&mut self, person: &[u8]) -> HostResult<Option<PublicKey>> {
        self.meter.call(person.len())?;
        let person = PublicKey::from_slice(person).ok_or(HostStop::Trap(HostTrap::Argument))?;
        let facts = Facts::new(&self.overlay, self.topic);
        let member = facts.member(person).map_err(local)?;
        self.meter.gives(member.map_or(0, |_| PublicKey::LEN))?;
        Ok(member.map(|member| member.inviter))
    }

    pub(super) fn members(&mut self, after: &[u8], limit: u32) -> HostResult<Vec<u8>> {
        self.meter.call(after.len())?;
        let after = match after {
            [] => None,
            key => Some(PublicKey::from_slice(key).ok_or(HostStop::Trap(HostTrap::Argument))?),
        };
        let limit = (limit as usize).min(limits::MEMBERS_LISTED);
        let facts = Facts::new(&self.overlay, self.topic);
        let members = facts.members(after, limit).map_err(local)?;
        let flat: Vec<u8> = members
            .iter()
            .flat_map(|member| [member.person.0, member.inviter.0])
            .flatten()
            .collect();
        self.meter.gives(flat.len())?;
        Ok(flat)
    }

    pub(super) fn get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>> {
        self.meter.call(key.len())?;
        check_key(key)?;
        let found = self.guest.get(&self.overlay, key)?.map(|value| value.into_owned());
        self.meter.gives(found.as_ref().map_or(0, Vec::len))?;
        Ok(found)
    }

    pub(super) fn scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>> {
        self.meter.call(from.len() + to.len())?;
        if from.len() > limits::STATE_KEY_BYTES || to.len() > limits::STATE_KEY_BYTES {
            return Err(HostStop::Trap(HostTrap::Key));
        }
        self.meter.scans()?;
        let to = if to.is_empty() { Bound::Unbounded } else { Bound::Excluded(to) };
        let range = (Bound::Included(from), to);
        let flat = flat(limit, &mut |visit| self.guest.scan(&self.overlay, range, false, visit))?;
        self.meter.gives(flat.len())?;
        Ok(flat)
    }

    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) -> HostResult<()> {
        self.meter.call(key.len() + value.len())?;
        check_key(key)?;
        if value.len() > limits::STATE_VALUE_BYTES {
            return Err(HostStop::Trap(HostTrap::Value));
        }
        self.gives_way(key, value.len())?;
        self.guest.set(&mut self.overlay, key, value);
        Ok(())
    }

    pub(super) fn delete(&mut self, key: &[u8]) -> HostResult<()> {
        self.meter.call(key.len())?;
        check_key(key)?;
        self.gives_way(key, 0)?;
        self.meter.deletes();
        self.guest.delete(&mut self.overlay, key);
        Ok(())
    }

    /// Counts the value that a write replaces as read: it is kept to undo the event, and a few
    /// bytes written must not make a peer keep gigabytes.
    fn gives_way(&mut self, key: &[u8], value: usize) -> HostResult<()> {
        let replaced = self.guest.get(&self.overlay, key)?.map_or(0, |value| value.len());
        self.meter.gives(replaced)?;
        self.meter.keeps(key.len() + value + replaced)
    }
}

/// What a scan gives, as the interfaces lay it out: at most so many entries.
pub(super) fn flat(
    limit: u32,
    scan: &mut dyn FnMut(&mut Visit<'_>) -> Result<(), StoreError>,
) -> Result<Vec<u8>, StoreError> {
    let (mut flat, mut left) = (Vec::new(), limit);
    if limit == 0 {
        return Ok(flat);
    }
    scan(&mut |key, value| {
        let size = 8 + key.len() + value.len();
        if !flat.is_empty() && flat.len() + size > limits::SCAN_BYTES {
            return ControlFlow::Break(());
        }
        flat.extend_from_slice(&(key.len() as u32).to_le_bytes());
        flat.extend_from_slice(&(value.len() as u32).to_le_bytes());
        flat.extend_from_slice(key);
        flat.extend_from_slice(value);
        left -= 1;
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(flat)
}

fn check_key(key: &[u8]) -> HostResult<()> {
    let fits = (1..=limits::STATE_KEY_BYTES).contains(&key.len());
    if fits { Ok(()) } else { Err(HostStop::Trap(HostTrap::Key)) }
}

/// What reading the kernel's own facts can fail with. A damaged record is the store's failure here.
fn local(fault: Fault) -> HostStop {
    match fault {
        Fault::Store(error) => HostStop::Local(error),
        other => HostStop::Local(myrhiza_kernel_api::StoreError::Failed {
            store: "the home's",
            doing: "read the topic's facts",
            source: Box::new(other),
        }),
    }
}

/// Forwards `CommonHost` to a field `common`.
macro_rules! forward_common {
    ($host:ty) => {
        impl myrhiza_kernel_api::host::CommonHost for $host {
            fn log(&mut self, level: Level, message: &[u8]) -> HostResult<()> {
                self.common.log(level, message)
            }
            fn hash(&mut self, data: &[u8]) -> HostResult<Hash> {
                self.common.hash(data)
            }
            fn verify(&mut self, key: &[u8], message: &[u8], sig: &[u8]) -> HostResult<bool> {
                self.common.verify(key, message, sig)
            }
            fn fork_proof(&mut self, proof: &[u8]) -> HostResult<Option<PublicKey>> {
                self.common.fork_proof(proof)
            }
            fn topic(&mut self) -> HostResult<TopicId> {
                self.common.topic()
            }
            fn founder(&mut self) -> HostResult<PublicKey> {
                self.common.founder()
            }
            fn generation(&mut self) -> HostResult<u32> {
                self.common.generation()
            }
            fn member(&mut self, person: &[u8]) -> HostResult<Option<PublicKey>> {
                self.common.member(person)
            }
            fn members(&mut self, after: &[u8], limit: u32) -> HostResult<Vec<u8>> {
                self.common.members(after, limit)
            }
        }

        impl myrhiza_kernel_api::host::StateRead for $host {
            fn get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>> {
                self.common.get(key)
            }
            fn scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>> {
                self.common.scan(from, to, limit)
            }
        }
    };
}
pub(super) use forward_common;

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::{EventId, Store};
    use myrhiza_store_memory::MemoryStore;

    use super::*;
    use crate::apply::Member;
    use crate::apply::facts::FactsMut;
    use crate::schema;

    const TOPIC: TopicId = TopicId([1; 32]);

    fn host() -> Common {
        let reader = MemoryStore::new(schema::ALL).snapshot().unwrap();
        Common::new(Overlay::new(reader), TOPIC, person(0))
    }

    fn person(n: usize) -> PublicKey {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&(n as u64).to_be_bytes());
        PublicKey(key)
    }

    /// What a scan of everything gives where the values under `a`, `b` and so on are of these sizes.
    fn scanned(values: &[usize]) -> Vec<usize> {
        let mut host = host();
        for (key, size) in (b'a'..).zip(values) {
            host.set(&[key], &vec![7; *size]).unwrap();
        }
        let mut flat = &host.scan(b"", b"", u32::MAX).unwrap()[..];
        let mut sizes = Vec::new();
        while let Some((lengths, rest)) = flat.split_first_chunk::<8>() {
            let [_, _, _, _, size @ ..] = *lengths;
            let size = u32::from_le_bytes(size) as usize;
            sizes.push(size);
            flat = &rest[1 + size..];
        }
        sizes
    }

    /// [LIMITS-2]
    #[test]
    fn a_scan_gives_entries_up_to_the_limit_and_always_the_first() {
        // Of an entry, its two lengths and its key.
        let half = limits::SCAN_BYTES / 2 - 9;
        assert_eq!(scanned(&[half, half]), [half, half]);
        assert_eq!(scanned(&[half, half, 0]), [half, half]);
        assert_eq!(scanned(&[half, half + 1]), [half]);
        let most = limits::STATE_VALUE_BYTES;
        assert_eq!(scanned(&[most, 0]), [most]);
    }

    /// [LIMITS-2]
    #[test]
    fn members_are_listed_up_to_the_limit_at_a_time() {
        let mut host = host();
        let mut facts = FactsMut::new(&mut host.overlay, TOPIC);
        for n in 0..=limits::MEMBERS_LISTED {
            let (person, inviter) = (person(n), person(0));
            facts.put_member(Member { person, inviter, joined: EventId([3; 32]) });
        }
        let all = host.members(&[], u32::MAX).unwrap();
        assert_eq!(all.len(), 64 * limits::MEMBERS_LISTED);
        assert_eq!(all.len(), host.members(&[], limits::MEMBERS_LISTED as u32).unwrap().len());
        let last = person(limits::MEMBERS_LISTED - 1);
        assert_eq!(all[all.len() - 64..][..32], last.0);
        let rest = host.members(last.as_ref(), u32::MAX).unwrap();
        assert_eq!(rest, [person(limits::MEMBERS_LISTED).0, person(0).0].concat());
    }
}

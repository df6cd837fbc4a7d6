//! A host that does as little as one can: what a call costs over it is the call's own cost.

use std::collections::BTreeMap;

use myrhiza_kernel_api::host::{
    CommonHost, EventField, EventHost, FieldValue, HostResult, Level, StateRead, StateWrite,
};
use myrhiza_kernel_api::{Hash, PublicKey, TopicId};

/// A payload and the state map; all else is zero.
#[derive(Default)]
pub struct InMemory {
    /// The payload of the event at hand.
    pub payload: Vec<u8>,
    state: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl InMemory {
    /// An event with that payload, over an empty state.
    pub fn with_payload(payload: Vec<u8>) -> Self {
        Self { payload, ..Self::default() }
    }
}

impl StateRead for InMemory {
    fn get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>> {
        Ok(self.state.get(key).cloned())
    }

    fn scan(&mut self, _from: &[u8], _to: &[u8], _limit: u32) -> HostResult<Vec<u8>> {
        Ok(Vec::new())
    }
}

impl StateWrite for InMemory {
    fn set(&mut self, key: &[u8], value: &[u8]) -> HostResult<()> {
        match self.state.get_mut(key) {
            Some(old) => value.clone_into(old),
            None => drop(self.state.insert(key.to_vec(), value.to_vec())),
        }
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> HostResult<()> {
        self.state.remove(key);
        Ok(())
    }
}

impl EventHost for InMemory {
    fn field(&mut self, field: EventField) -> HostResult<FieldValue<'_>> {
        Ok(match field {
            EventField::Id | EventField::Person | EventField::Scope => FieldValue::Bytes(&[0; 32]),
            EventField::Payload => FieldValue::Bytes(&self.payload),
            _ => FieldValue::Number(0),
        })
    }
}

impl CommonHost for InMemory {
    fn log(&mut self, _level: Level, _message: &[u8]) -> HostResult<()> {
        Ok(())
    }

    fn hash(&mut self, _data: &[u8]) -> HostResult<Hash> {
        Ok(Hash([0; 32]))
    }

    fn verify(&mut self, _key: &[u8], _message: &[u8], _signature: &[u8]) -> HostResult<bool> {
        Ok(false)
    }

    fn fork_proof(&mut self, _proof: &[u8]) -> HostResult<Option<PublicKey>> {
        Ok(None)
    }

    fn topic(&mut self) -> HostResult<TopicId> {
        Ok(TopicId([0; 32]))
    }

    fn founder(&mut self) -> HostResult<PublicKey> {
        Ok(PublicKey([0; 32]))
    }

    fn generation(&mut self) -> HostResult<u32> {
        Ok(0)
    }

    fn member(&mut self, _person: &[u8]) -> HostResult<Option<PublicKey>> {
        Ok(None)
    }

    fn members(&mut self, _after: &[u8], _limit: u32) -> HostResult<Vec<u8>> {
        Ok(Vec::new())
    }
}

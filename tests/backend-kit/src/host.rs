//! A host that remembers what it was asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Bound;

use myrhiza_kernel_api::host::{
    ActHost, CommonHost, EventField, EventHost, EventView, FieldValue, FreeHost, HostResult,
    HostStop, HostTrap, KvHost, KvRefusal, Level, StateRead, StateWrite, UiHost,
};
use myrhiza_kernel_api::operation::{Operation, Refusal};
use myrhiza_kernel_api::ui::View;
use myrhiza_kernel_api::{EventId, Hash, PublicKey, StoreError, TopicId};

use crate::transcript::{show_bytes, show_view};

/// How the host ends a call of one of its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As the component's fault.
    Trap(HostTrap),
    /// As its own failure.
    Local,
}

/// A host over an ordered map in memory that writes down each call and its answer. Its answers
/// depend on nothing but its fields.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// The state map.
    pub state: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The event at hand.
    pub event: EventView,
    /// What `clock.now` answers.
    pub now: u64,
    /// The function that stops, such as `state.set`, and how.
    pub stop: Option<(String, Stop)>,
    /// One line a call.
    pub trace: Vec<String>,
}

impl Recorder {
    /// A host for a call that the component tells from others by `number`: the event's variant
    /// and the clock.
    pub fn new(number: u32) -> Self {
        let event = EventView {
            id: EventId([1; 32]),
            person: PublicKey([2; 32]),
            scope: PublicKey([3; 32]),
            scope_kind: 1,
            seq: (1 << 40) + 4,
            height: (1 << 40) + 5,
            hlc: (1 << 40) + 6,
            generation: 7,
            variant: number,
            payload: b"payload".to_vec(),
        };
        let state = BTreeMap::from([(b"a".to_vec(), b"one".to_vec()), (b"b".to_vec(), Vec::new())]);
        Self { state, event, now: u64::from(number), stop: None, trace: Vec::new() }
    }

    pub(crate) fn called(&mut self, function: &str, arguments: &[&[u8]]) -> HostResult<()> {
        let mut line = function.to_owned();
        arguments.iter().for_each(|bytes| {
            line.push(' ');
            line += &show_bytes(bytes);
        });
        self.trace.push(line);
        match &self.stop {
            Some((stopping, Stop::Trap(trap))) if stopping == function => {
                Err(HostStop::Trap(*trap))
            }
            Some((stopping, Stop::Local)) if stopping == function => {
                let source = "the kit's host fails here".into();
                Err(StoreError::Failed { store: "kit", doing: "read", source }.into())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn answer<T>(
        &mut self,
        shown: impl FnOnce(&T) -> String,
        answer: T,
    ) -> HostResult<T> {
        if let Some(line) = self.trace.last_mut() {
            let _ = write!(line, " -> {}", shown(&answer));
        }
        Ok(answer)
    }
}

fn optional(answer: &Option<Vec<u8>>) -> String {
    answer.as_deref().map_or("none".into(), show_bytes)
}

impl CommonHost for Recorder {
    fn log(&mut self, level: Level, message: &[u8]) -> HostResult<()> {
        self.called(&format!("log.write {level:?}").to_lowercase(), &[message])
    }

    fn hash(&mut self, data: &[u8]) -> HostResult<Hash> {
        self.called("hash.blake3", &[data])?;
        self.answer(|hash: &Hash| show_bytes(&hash.0), Hash([data.len() as u8; 32]))
    }

    fn verify(&mut self, key: &[u8], message: &[u8], signature: &[u8]) -> HostResult<bool> {
        self.called("signature.verify", &[key, message, signature])?;
        self.answer(bool::to_string, key == signature)
    }

    fn fork_proof(&mut self, proof: &[u8]) -> HostResult<Option<PublicKey>> {
        self.called("fork-proof.verify", &[proof])?;
        let key = proof.first().map(|byte| PublicKey([*byte; 32]));
        self.answer(|key| optional(&key.map(|key: PublicKey| key.0.to_vec())), key)
    }

    fn topic(&mut self) -> HostResult<TopicId> {
        self.called("topic-info.topic", &[])?;
        self.answer(|topic: &TopicId| show_bytes(&topic.0), TopicId([8; 32]))
    }

    fn founder(&mut self) -> HostResult<PublicKey> {
        self.called("topic-info.founder", &[])?;
        self.answer(|key: &PublicKey| show_bytes(&key.0), PublicKey([9; 32]))
    }

    fn generation(&mut self) -> HostResult<u32> {
        self.called("topic-info.generation", &[])?;
        self.answer(u32::to_string, 10)
    }

    fn member(&mut self, person: &[u8]) -> HostResult<Option<PublicKey>> {
        self.called("topic-info.member", &[person])?;
        let inviter = PublicKey::from_slice(person);
        self.answer(|key| optional(&key.map(|key: PublicKey| key.0.to_vec())), inviter)
    }

    fn members(&mut self, after: &[u8], limit: u32) -> HostResult<Vec<u8>> {
        self.called("topic-info.members", &[after, &limit.to_le_bytes()])?;
        self.answer(|list| show_bytes(list), vec![11; 64])
    }
}

impl StateRead for Recorder {
    fn get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>> {
        self.called("state.get", &[key])?;
        let value = self.state.get(key).cloned();
        self.answer(optional, value)
    }

    fn scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>> {
        self.called("state.scan", &[from, to, &limit.to_le_bytes()])?;
        let end = if to.is_empty() { Bound::Unbounded } else { Bound::Excluded(to) };
        let mut entries = Vec::new();
        if to.is_empty() || from < to {
            let range = self.state.range::<[u8], _>((Bound::Included(from), end));
            for (key, value) in range.take(limit as usize) {
                entries.extend((key.len() as u32).to_le_bytes());
                entries.extend((value.len() as u32).to_le_bytes());
                entries.extend_from_slice(key);
                entries.extend_from_slice(value);
            }
        }
        self.answer(|list| show_bytes(list), entries)
    }
}

impl StateWrite for Recorder {
    fn set(&mut self, key: &[u8], value: &[u8]) -> HostResult<()> {
        self.called("state.set", &[key, value])?;
        self.state.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> HostResult<()> {
        self.called("state.delete", &[key])?;
        self.state.remove(key);
        Ok(())
    }
}

impl EventHost for Recorder {
    fn field(&mut self, field: EventField) -> HostResult<FieldValue<'_>> {
        self.called(&format!("event.{field:?}").to_lowercase(), &[])?;
        Ok(match field {
            EventField::Id => FieldValue::Bytes(&self.event.id.0),
            EventField::Person => FieldValue::Bytes(&self.event.person.0),
            EventField::Scope => FieldValue::Bytes(&self.event.scope.0),
            EventField::ScopeKind => FieldValue::Number(self.event.scope_kind.into()),
            EventField::Seq => FieldValue::Number(self.event.seq),
            EventField::Height => FieldValue::Number(self.event.height),
            EventField::Hlc => FieldValue::Number(self.event.hlc),
            EventField::Generation => FieldValue::Number(self.event.generation.into()),
            EventField::Variant => FieldValue::Number(self.event.variant.into()),
            EventField::Payload => FieldValue::Bytes(&self.event.payload),
        })
    }
}

impl FreeHost for Recorder {
    fn now(&mut self) -> HostResult<u64> {
        self.called("clock.now", &[])?;
        let now = self.now;
        self.answer(u64::to_string, now)
    }

    fn random(&mut self, len: u32) -> HostResult<Vec<u8>> {
        self.called("random.bytes", &[&len.to_le_bytes()])?;
        self.answer(|bytes| show_bytes(bytes), vec![12; len as usize])
    }
}

impl UiHost for Recorder {
    fn viewer(&mut self) -> HostResult<PublicKey> {
        self.called("ui.viewer", &[])?;
        self.answer(|key: &PublicKey| show_bytes(&key.0), PublicKey([13; 32]))
    }

    fn show(&mut self, view: View) -> HostResult<()> {
        self.called("ui.show", &[])?;
        self.trace.extend(show_view(&view));
        Ok(())
    }
}

/// The store is the state, where a key says why nothing is kept.
impl KvHost for Recorder {
    fn kv_get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>> {
        self.called("kv.get", &[key])?;
        let value = self.state.get(key).cloned();
        self.answer(optional, value)
    }

    fn kv_set(&mut self, key: &[u8], value: &[u8]) -> HostResult<Result<(), KvRefusal>> {
        self.called("kv.set", &[key, value])?;
        let kept = match key {
            b"key" => Err(KvRefusal::Key),
            b"value" => Err(KvRefusal::Value),
            b"full" => Err(KvRefusal::Full),
            _ => Ok(()),
        };
        if kept.is_ok() {
            self.state.insert(key.to_vec(), value.to_vec());
        }
        self.answer(|kept| format!("{kept:?}"), kept)
    }

    fn kv_delete(&mut self, key: &[u8]) -> HostResult<()> {
        self.called("kv.delete", &[key])?;
        self.state.remove(key);
        Ok(())
    }

    fn kv_scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>> {
        self.called("kv.scan", &[from, to, &limit.to_le_bytes()])?;
        self.answer(|list| show_bytes(list), from.to_vec())
    }
}

impl ActHost for Recorder {
    fn propose(&mut self, words: Vec<String>) -> HostResult<()> {
        let words: Vec<_> = words.iter().map(String::as_bytes).collect();
        self.called("intent.propose", &words)
    }

    /// The clock decides.
    fn submit(&mut self, operation: Operation) -> HostResult<Result<u64, Refusal>> {
        self.called(&format!("submit {operation:?}"), &[])?;
        let submitted = match self.now {
            0 => Err(Refusal::WouldBlock),
            1 => Err(Refusal::Unprompted),
            2 => Err(Refusal::Undeclared),
            3 => Err(Refusal::Argument),
            now => Ok((1 << 40) + now),
        };
        self.answer(|submitted| format!("{submitted:?}"), submitted)
    }
}

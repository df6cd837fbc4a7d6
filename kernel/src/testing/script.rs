use std::sync::{Arc, Mutex};

use myrhiza_kernel_api::host::{ApplyHost, EventField, FieldValue, HostResult, HostStop};
use myrhiza_kernel_api::{
    BackendError, Called, EventId, Returned, StateApply, Trap, Verdict, limits,
};

/// What an event of the test's app does, by its variant. Each first appends its id to the value
/// under the first byte of its payload, so that the state tells the order of the fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Op {
    Write,
    Reject,
    /// Rejects once the value has three entries: the verdict depends on what came before.
    Full,
    /// Writes down whom the kernel knows as members.
    Members,
    Calls,
    WriteBytes,
    ReadBytes,
    EmptyKey,
    LongKey,
    LongValue,
    ShortArgument,
}

/// An app without a component: its rules over the host's interfaces. The whole of what the kernel
/// sees of a backend.
#[derive(Default)]
pub(crate) struct Script {
    /// Calls until one fails on this host.
    pub(crate) fails_after: Arc<Mutex<Option<u32>>>,
    /// What it does otherwise than every other backend.
    pub(crate) broken: Arc<Mutex<Option<Broken>>>,
}

/// How a backend can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The value under the key of this event gets a byte too many.
    Event(EventId),
    /// So does that under this key, from the first event that writes it on.
    Key(u8),
    /// This event is rejected.
    Rejects(EventId),
    /// This event writes so many other keys.
    Keys(EventId, u16),
}

impl Broken {
    /// The verdict of an event that was just folded.
    fn spoil(self, host: &mut dyn ApplyHost, said: Verdict) -> HostResult<Verdict> {
        let id = bytes(host, EventField::Id)?;
        let key = [bytes(host, EventField::Payload)?.first().copied().unwrap_or(0)];
        match self {
            Self::Event(event) if event.0[..] == id => add(host, &key)?,
            Self::Key(of) if of == key[0] => add(host, &key)?,
            Self::Rejects(event) if event.0[..] == id => {
                return Ok(Verdict::Reject { code: 9, reason: "broken".into() });
            }
            Self::Keys(event, keys) if event.0[..] == id => {
                for n in 0..keys {
                    host.set(&[&b"broken"[..], &n.to_be_bytes()].concat(), b"1")?;
                }
            }
            _ => {}
        }
        Ok(said)
    }
}

fn add(host: &mut dyn ApplyHost, key: &[u8]) -> HostResult<()> {
    let value = host.get(key)?.unwrap_or_default();
    host.set(key, &[&value[..], &[1]].concat())
}

impl StateApply for Script {
    fn apply(&mut self, mut host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict> {
        let broken = *self.broken.lock().unwrap();
        let said = run(&mut *host).and_then(|said| match broken {
            Some(broken) => broken.spoil(&mut *host, said),
            None => Ok(said),
        });
        let mut fails_after = self.fails_after.lock().unwrap();
        if let Some(left) = &mut *fails_after {
            if *left == 0 {
                *fails_after = None;
                let cause = "out of memory".into();
                let outcome = Err(BackendError::Local { backend: "script", cause });
                return Returned { host, outcome };
            }
            *left -= 1;
        }
        let outcome = match said {
            Ok(verdict) => Ok(Called { result: Ok(verdict), fuel: 5 }),
            Err(HostStop::Trap(trap)) => Ok(Called { result: Err(Trap::Host(trap)), fuel: 9 }),
            Err(HostStop::Local(error)) => Err(error.into()),
            Err(other) => unreachable!("{other}"),
        };
        Returned { host, outcome }
    }
}

fn run(host: &mut dyn ApplyHost) -> HostResult<Verdict> {
    let id = bytes(host, EventField::Id)?;
    let payload = bytes(host, EventField::Payload)?;
    let key = [payload.first().copied().unwrap_or(0)];
    let mut trail = host.get(&key)?.unwrap_or_default();
    trail.extend(&id[..4]);
    host.set(&key, &trail)?;
    let reject = |code| Ok(Verdict::Reject { code, reason: "as asked".into() });
    match number(host, EventField::Variant)? {
        n if n == Op::Reject as u64 => return reject(7),
        n if n == Op::Full as u64 && trail.len() > 12 => return reject(8),
        n if n == Op::Members as u64 => {
            let members = host.members(&[], 100)?;
            host.set(b"members", &members)?;
        }
        n if n == Op::Calls as u64 => {
            for _ in 0..limits::HOST_CALLS {
                host.topic()?;
            }
        }
        n if n == Op::WriteBytes as u64 => {
            let value = vec![0; limits::STATE_VALUE_BYTES];
            for _ in 0..=limits::HOST_WRITE_BYTES / value.len() as u64 {
                host.set(b"large", &value)?;
            }
        }
        n if n == Op::ReadBytes as u64 => {
            host.set(b"large", &vec![0; limits::STATE_VALUE_BYTES])?;
            for _ in 0..=limits::HOST_READ_BYTES / limits::STATE_VALUE_BYTES as u64 {
                host.get(b"large")?;
            }
        }
        n if n == Op::EmptyKey as u64 => host.set(&[], &[])?,
        n if n == Op::LongKey as u64 => host.set(&[0; limits::STATE_KEY_BYTES + 1], &[])?,
        n if n == Op::LongValue as u64 => {
            host.set(b"v", &vec![0; limits::STATE_VALUE_BYTES + 1])?
        }
        n if n == Op::ShortArgument as u64 => {
            host.member(&[0; 31])?;
        }
        _ => {}
    }
    Ok(Verdict::Accept)
}

fn bytes(host: &mut dyn ApplyHost, field: EventField) -> HostResult<Vec<u8>> {
    match host.field(field)? {
        FieldValue::Bytes(bytes) => Ok(bytes.to_vec()),
        FieldValue::Number(_) => unreachable!("a number"),
    }
}

fn number(host: &mut dyn ApplyHost, field: EventField) -> HostResult<u64> {
    match host.field(field)? {
        FieldValue::Number(number) => Ok(number),
        FieldValue::Bytes(_) => unreachable!("bytes"),
    }
}

use std::sync::{Arc, Mutex};

use myrhiza_kernel_api::host::{
    ApplyHost, EventField, FieldValue, HostResult, HostStop, MigrateHost,
};
use myrhiza_kernel_api::{
    BackendError, Called, EventId, Migrate, Returned, StateApply, Trap, Verdict, limits,
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

/// A payload that begins so has its event use all the fuel there is.
pub(crate) const HEAVY: &[u8] = b"heavy";

/// An app without a component: its rules over the host's interfaces. The whole of what the kernel
/// sees of a backend.
#[derive(Default)]
pub(crate) struct Script {
    /// Which version of the app it is: all but the first also append their version, the generation
    /// in force and the event's.
    pub(crate) version: u32,
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
        let said = run(&mut *host, self.version).and_then(|said| match broken {
            Some(broken) => broken.spoil(&mut *host, said),
            None => Ok(said),
        });
        let payload = bytes(&mut *host, EventField::Payload);
        let is_heavy = payload.is_ok_and(|payload| payload.starts_with(HEAVY));
        let mut outcome = self.outcome(said);
        if let Ok(called) = &mut outcome
            && is_heavy
        {
            called.fuel = limits::FUEL_STATE_APPLY;
        }
        Returned { host, outcome }
    }
}

impl Migrate for Script {
    fn migrate(
        &mut self,
        mut host: Box<dyn MigrateHost>,
        from: [u32; 3],
        cursor: &[u8],
    ) -> Returned<Box<dyn MigrateHost>, Option<Vec<u8>>> {
        let said = migrate(&mut *host, self.version, from, cursor);
        let outcome = self.outcome(said);
        Returned { host, outcome }
    }
}

impl Script {
    fn outcome<T>(&self, said: HostResult<T>) -> Result<Called<T>, BackendError> {
        let mut fails_after = self.fails_after.lock().unwrap();
        if let Some(left) = &mut *fails_after {
            if *left == 0 {
                *fails_after = None;
                let cause = "out of memory".into();
                return Err(BackendError::Local { backend: "script", cause });
            }
            *left -= 1;
        }
        match said {
            Ok(said) => Ok(Called { result: Ok(said), fuel: 5 }),
            Err(HostStop::Trap(trap)) => Ok(Called { result: Err(Trap::Host(trap)), fuel: 9 }),
            Err(HostStop::Local(error)) => Err(error.into()),
            Err(other) => unreachable!("{other}"),
        }
    }
}

/// What a migration does, by the keys there are in the state.
pub(crate) mod migration {
    /// It traps.
    pub(crate) const TRAP: u8 = b'T';
    /// It never ends.
    pub(crate) const ENDLESS: u8 = b'E';
    /// Its cursor is too long.
    pub(crate) const CURSOR: u8 = b'C';
    /// It writes more than a migration may.
    pub(crate) const WRITES: u8 = b'W';
}

/// A key a chunk: appends `m`, the version and the minor of the version before to its value.
fn migrate(
    host: &mut dyn MigrateHost,
    version: u32,
    from: [u32; 3],
    cursor: &[u8],
) -> HostResult<Option<Vec<u8>>> {
    if host.get(&[migration::ENDLESS])?.is_some() {
        host.set(b"endless", b"")?;
        return Ok(Some(Vec::new()));
    }
    if host.get(&[migration::CURSOR])?.is_some() {
        return Ok(Some(vec![0; limits::CURSOR_BYTES + 1]));
    }
    if host.get(&[migration::WRITES])?.is_some() {
        let number = u32::from_be_bytes(cursor.try_into().unwrap_or_default());
        for n in 0..15 {
            let key = (number * 15 + n).to_be_bytes();
            host.set(&key, &vec![0; limits::STATE_VALUE_BYTES])?;
        }
        return Ok(Some((number + 1).to_be_bytes().to_vec()));
    }
    let after = if cursor.is_empty() { Vec::new() } else { [cursor, &[0]].concat() };
    let entry = host.scan(&after, &[], 1)?;
    let Some((lengths, entry)) = entry.split_at_checked(8) else {
        // All is done by now, and is undone all the same.
        if host.get(&[migration::TRAP])?.is_some() {
            host.set(&[], &[])?;
        }
        return Ok(None);
    };
    let key_len = u32::from_le_bytes(lengths[..4].try_into().unwrap()) as usize;
    let (key, value) = entry.split_at(key_len);
    host.set(key, &[value, &[b'm', version as u8, from[1] as u8]].concat())?;
    Ok(Some(key.to_vec()))
}

fn run(host: &mut dyn ApplyHost, version: u32) -> HostResult<Verdict> {
    let id = bytes(host, EventField::Id)?;
    let payload = bytes(host, EventField::Payload)?;
    let key = [payload.first().copied().unwrap_or(0)];
    let mut trail = host.get(&key)?.unwrap_or_default();
    trail.extend(&id[..4]);
    if version > 0 {
        let made_for = number(host, EventField::Generation)?;
        trail.extend([version as u8, host.generation()? as u8, made_for as u8]);
    }
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

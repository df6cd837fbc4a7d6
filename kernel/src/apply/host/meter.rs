use myrhiza_kernel_api::host::{HostResult, HostStop, HostTrap};
use myrhiza_kernel_api::limits;

/// Counts the host calls of one call of a component, and the bytes through them: what the injected
/// fuel does not see.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meter {
    calls: u64,
    read: u64,
    written: u64,
    /// Over all chunks of a migration: what is kept until it is judged.
    kept: u64,
    deletes: u64,
    /// Deletes of the chunks before this one.
    deleted: u64,
}

/// One call alone never reaches what a migration may keep.
const _: () = assert!(
    limits::HOST_READ_BYTES
        + limits::HOST_WRITE_BYTES
        + limits::HOST_CALLS * limits::MIGRATE_WRITE_BYTES
        < limits::MIGRATE_BYTES
);

impl Meter {
    /// One host call that takes `bytes` from the component.
    pub(super) fn call(&mut self, bytes: usize) -> HostResult<()> {
        self.calls(1, bytes)
    }

    /// A host call that takes `bytes` from the component and as long as `count` calls.
    pub(super) fn calls(&mut self, count: u64, bytes: usize) -> HostResult<()> {
        self.calls = self.calls.saturating_add(count);
        self.written = self.written.saturating_add(bytes as u64);
        if self.calls > limits::HOST_CALLS {
            return Err(HostStop::Trap(HostTrap::Calls));
        }
        if self.written > limits::HOST_WRITE_BYTES {
            return Err(HostStop::Trap(HostTrap::WriteBytes));
        }
        Ok(())
    }

    /// The next chunk of the migration at hand.
    pub(super) fn next_chunk(&mut self) {
        let deleted = self.deleted.saturating_add(self.deletes);
        *self = Self { kept: self.kept, deleted, ..Self::default() };
    }

    /// The same host call writes, or deletes, where with key, new and old value there are `bytes`.
    pub(super) fn keeps(&mut self, bytes: usize) -> HostResult<()> {
        let bytes = limits::MIGRATE_WRITE_BYTES.saturating_add(bytes as u64);
        self.kept = self.kept.saturating_add(bytes);
        if self.kept > limits::MIGRATE_BYTES {
            return Err(HostStop::Trap(HostTrap::MigrateBytes));
        }
        Ok(())
    }

    /// The same host call deletes.
    pub(super) fn deletes(&mut self) {
        self.deletes += 1;
    }

    /// The same host call scans, over what was deleted and is not committed yet too. What a call
    /// deletes itself is bounded by its calls.
    pub(super) fn scans(&mut self) -> HostResult<()> {
        let steps = self.deleted.saturating_mul(limits::MIGRATE_DELETE_BYTES);
        self.gives(usize::try_from(steps).unwrap_or(usize::MAX))
    }

    /// The same host call gives `bytes` back.
    pub(super) fn gives(&mut self, bytes: usize) -> HostResult<()> {
        self.read = self.read.saturating_add(bytes as u64);
        if self.read > limits::HOST_READ_BYTES {
            return Err(HostStop::Trap(HostTrap::ReadBytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trap(result: HostResult<()>) -> Option<HostTrap> {
        match result {
            Err(HostStop::Trap(trap)) => Some(trap),
            _ => None,
        }
    }

    #[test]
    fn each_limit_holds_to_its_last_unit() {
        let mut meter = Meter::default();
        assert!((0..limits::HOST_CALLS).all(|_| meter.call(0).is_ok()));
        assert_eq!(trap(meter.call(0)), Some(HostTrap::Calls));
        let mut meter = Meter::default();
        assert!(meter.calls(limits::HOST_CALLS, 0).is_ok());
        assert_eq!(trap(meter.call(0)), Some(HostTrap::Calls));
        let mut meter = Meter::default();
        assert!(meter.call(limits::HOST_WRITE_BYTES as usize).is_ok());
        assert_eq!(trap(meter.call(1)), Some(HostTrap::WriteBytes));
        assert!(meter.gives(limits::HOST_READ_BYTES as usize).is_ok());
        assert_eq!(trap(meter.gives(1)), Some(HostTrap::ReadBytes));
    }

    #[test]
    fn what_a_migration_keeps_is_counted_over_its_chunks() {
        let mut meter = Meter::default();
        let chunk = 1 << 20;
        let bytes = chunk - limits::MIGRATE_WRITE_BYTES as usize;
        for _ in 0..limits::MIGRATE_BYTES as usize / chunk {
            assert!(meter.call(bytes).is_ok() && meter.keeps(bytes).is_ok());
            meter.next_chunk();
        }
        assert_eq!(trap(meter.keeps(0)), Some(HostTrap::MigrateBytes));
    }

    #[test]
    fn a_scan_counts_what_earlier_chunks_deleted() {
        let mut meter = Meter::default();
        (0..limits::HOST_CALLS).for_each(|_| meter.deletes());
        assert!((0..limits::HOST_CALLS).all(|_| meter.scans().is_ok()));
        meter.next_chunk();
        let once = limits::HOST_CALLS * limits::MIGRATE_DELETE_BYTES;
        assert!((0..limits::HOST_READ_BYTES / once).all(|_| meter.scans().is_ok()));
        assert_eq!(trap(meter.scans()), Some(HostTrap::ReadBytes));
    }
}

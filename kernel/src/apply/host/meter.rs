use myrhiza_kernel_api::host::{HostResult, HostStop, HostTrap};
use myrhiza_kernel_api::limits;

/// Counts the host calls of one call of a component, and the bytes through them: what the injected
/// fuel does not see.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meter {
    calls: u64,
    read: u64,
    written: u64,
}

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
}

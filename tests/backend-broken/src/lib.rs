//! A backend that does all as Wasmtime does, but for one number: where an event leaves the number 13
//! in its app's state, this one leaves 12. So a home that uses it is what drift is about: it has every
//! event that others have, and another state.
//!
//! It is a fixture for tests and the demo. Nothing that is shipped links it.

use std::ops::ControlFlow;
use std::sync::Arc;

use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_kernel_api::host::{ApplyHost, HostStop};
use myrhiza_kernel_api::{
    Backend, BackendError, Called, Component, Interaction, Migrate, Registration, Returned,
    StateApply, StatePropose, Verdict, register,
};

/// The name it is registered and configured by.
pub const NAME: &str = "broken";

/// What the SDK writes for the number that it gets wrong, and what it makes of it.
const RIGHT: &[u8] = &[13];
const WRONG: &[u8] = &[12];
/// Entries that are looked at.
const ENTRIES: u32 = 1_000;

register!(Registration::Backend { name: NAME, create: || Ok(Arc::new(Broken(Wasmtime::new()?))) });

/// Wasmtime, but for one number.
struct Broken(Wasmtime);

impl Backend for Broken {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        self.0.version()
    }

    fn state_apply(&self, component: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        Ok(Box::new(Apply(self.0.state_apply(component)?)))
    }

    fn migrate(&self, component: Component<'_>) -> Result<Box<dyn Migrate>, BackendError> {
        self.0.migrate(component)
    }

    fn state_propose(
        &self,
        component: Component<'_>,
    ) -> Result<Box<dyn StatePropose>, BackendError> {
        self.0.state_propose(component)
    }

    fn interaction(&self, component: Component<'_>) -> Result<Box<dyn Interaction>, BackendError> {
        self.0.interaction(component)
    }
}

struct Apply(Box<dyn StateApply>);

impl StateApply for Apply {
    fn apply(&mut self, host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict> {
        let Returned { mut host, outcome } = self.0.apply(host);
        let accepted = matches!(outcome, Ok(Called { result: Ok(Verdict::Accept), .. }));
        match if accepted { falsify(&mut *host) } else { Ok(()) } {
            // What the host forbids it does not do.
            Ok(()) | Err(HostStop::Trap(_)) => Returned { host, outcome },
            Err(HostStop::Local(error)) => Returned { host, outcome: Err(error.into()) },
            Err(_) => Returned { host, outcome },
        }
    }
}

/// Puts the wrong number in place of the right one.
fn falsify(host: &mut dyn ApplyHost) -> Result<(), HostStop> {
    let state = host.scan(&[], &[], ENTRIES)?;
    let mut keys = Vec::new();
    let _end = each(&state, |key, value| {
        if value == RIGHT {
            keys.push(key.to_vec());
        }
    });
    keys.into_iter().try_for_each(|key| host.set(&key, WRONG))
}

/// The entries of a scan: two lengths, key, value.
fn each(mut scan: &[u8], mut entry: impl FnMut(&[u8], &[u8])) -> ControlFlow<()> {
    let mut take = |length: usize| match scan.split_at_checked(length) {
        Some((taken, rest)) => {
            scan = rest;
            ControlFlow::Continue(taken)
        }
        None => ControlFlow::Break(()),
    };
    loop {
        let mut lengths = [0; 2];
        for length in &mut lengths {
            let bytes = take(4)?.try_into().unwrap_or_default();
            *length = u32::from_le_bytes(bytes) as usize;
        }
        let [key, value] = lengths;
        entry(take(key)?, take(value)?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_read_entry_by_entry() {
        let (mut scan, mut found) = (Vec::new(), Vec::new());
        for (key, value) in [(&b"a"[..], &b"12"[..]), (b"bcd", b"")] {
            scan.extend((key.len() as u32).to_le_bytes());
            scan.extend((value.len() as u32).to_le_bytes());
            scan.extend([key, value].concat());
        }
        let _end = each(&scan, |key, value| found.push((key.to_vec(), value.to_vec())));
        assert_eq!(found, [(b"a".to_vec(), b"12".to_vec()), (b"bcd".to_vec(), vec![])]);
    }
}

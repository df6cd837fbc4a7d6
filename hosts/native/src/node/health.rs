//! Whether a node works: what it takes to serve its home, looked at by whoever asks.

use std::time::Duration;

use myrhiza_kernel::node::drive::Node;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

/// How long the kernel is waited for: it answers between two things it does, and one may be long.
const ANSWER: Duration = Duration::from_secs(5);
/// Milliseconds without a tick after which time does not pass for it.
const TICK_MS: u64 = 15_000;
/// How long what was found is told again, so that nobody keeps the kernel busy by asking.
const FRESH: Duration = Duration::from_secs(1);

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    /// All that follows holds.
    pub(super) ok: bool,
    /// The kernel answers, and time passes for it.
    pub(super) kernel: bool,
    /// The store can be read.
    pub(super) store: bool,
    /// Connections are made and taken, and there is an address that leads here.
    pub(super) transport: bool,
    /// Milliseconds since the kernel's last tick, where it answers.
    pub(super) ticked_ms_ago: Option<u64>,
}

/// Looks at a node, and remembers for a moment.
pub(super) struct Health {
    node: Node,
    /// What makes and takes its connections.
    network: AbortHandle,
    last: Mutex<Option<(Instant, Found)>>,
}

impl Health {
    pub(super) fn new(node: Node, network: AbortHandle) -> Self {
        Self { node, network, last: Mutex::default() }
    }

    /// How the node is. Whoever asks while it is looked at waits for the same answer.
    pub(super) async fn look(&self) -> Found {
        let mut last = self.last.lock().await;
        if let Some((at, found)) = *last
            && at.elapsed() < FRESH
        {
            return found;
        }
        let asked = async {
            let status = self.node.status().await.ok()?;
            let read = self.node.call(|seat, _| seat.runtime.topic_ids().map(drop)).await.ok()?;
            Some((status.ticked_ms_ago, read.is_ok()))
        };
        let answer = timeout(ANSWER, asked).await.ok().flatten();
        let found = found(answer, !self.network.is_finished(), !self.node.addresses().is_empty());
        *last = Some((Instant::now(), found));
        found
    }
}

/// `answer` is when the kernel ticked last, and whether it could read its store.
fn found(answer: Option<(u64, bool)>, connects: bool, has_way: bool) -> Found {
    let kernel = answer.is_some_and(|(ticked_ms_ago, _)| ticked_ms_ago <= TICK_MS);
    let store = answer.is_some_and(|(_, read)| read);
    let transport = connects && has_way;
    let ticked_ms_ago = answer.map(|(ticked_ms_ago, _)| ticked_ms_ago);
    Found { ok: kernel && store && transport, kernel, store, transport, ticked_ms_ago }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_that_does_not_work_shows_and_is_enough() {
        let parts = |found: Found| (found.ok, found.kernel, found.store, found.transport);
        assert_eq!(parts(found(Some((0, true)), true, true)), (true, true, true, true));
        assert_eq!(parts(found(Some((TICK_MS, true)), true, true)), (true, true, true, true));
        assert_eq!(parts(found(Some((TICK_MS + 1, true)), true, true)), (false, false, true, true));
        assert_eq!(parts(found(Some((0, false)), true, true)), (false, true, false, true));
        assert_eq!(parts(found(Some((0, true)), false, true)), (false, true, true, false));
        assert_eq!(parts(found(Some((0, true)), true, false)), (false, true, true, false));
        assert_eq!(parts(found(None, true, true)), (false, false, false, true));
    }
}

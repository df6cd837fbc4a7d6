//! What a node has told lately, for whoever comes to look later.

use std::sync::{Arc, Mutex, PoisonError};

use myrhiza_api::Journal;
use myrhiza_kernel::node::drive::Node;

use crate::context::now_ms;

/// A journal of everything a node tells. Who reads it has it as it was then, and holds up nobody.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Mutex<Arc<Journal>>>);

impl Heard {
    /// Follows what a node tells, until it stops.
    pub(super) async fn follow(self, node: Node) {
        loop {
            let watch = node.watch();
            while let Ok(told) = watch.recv().await {
                self.change(|journal| journal.note(&told, now_ms()));
            }
            // It has stopped, or something was missed.
            self.change(Journal::missed);
            if node.peers().await.is_err() {
                return;
            }
        }
    }

    /// The journal as it is now.
    pub(super) fn now(&self) -> Arc<Journal> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, what: impl FnOnce(&mut Journal)) {
        let mut journal = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        what(Arc::make_mut(&mut journal));
    }
}

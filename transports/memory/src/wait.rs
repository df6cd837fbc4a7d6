//! Waiting for a change of what is behind a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use event_listener::Event;

/// Waits until `ready` has an answer; `changed` is notified after each change that may give it one.
pub(crate) async fn until<T>(changed: &Event, mut ready: impl FnMut() -> Option<T>) -> T {
    loop {
        // Before looking, or a change in between would be missed.
        let change = changed.listen();
        if let Some(answer) = ready() {
            return answer;
        }
        change.await;
    }
}

/// A lock is never poisoned: no code of others runs while it is held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

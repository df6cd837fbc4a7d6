//! Being told to end.

/// Is done when this process is told to end: by Ctrl-C, by `SIGTERM`, or because its terminal is gone. That
/// is noticed from the call on, so it is called before anybody is told that there is something to end.
/// Within a tokio runtime.
#[cfg(unix)]
pub(crate) fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    // Where one cannot be listened for, the system's way to end a process remains.
    let hangup = (!outlives_its_terminal()).then(SignalKind::hangup);
    let kinds = [Some(SignalKind::interrupt()), Some(SignalKind::terminate()), hangup];
    let signals = kinds.map(|kind| kind.and_then(|kind| signal(kind).ok()));
    async move {
        let [interrupt, terminate, hangup] = signals.map(|signal| async move {
            match signal {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        });
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
            () = hangup => {}
        }
    }
}

/// Whether who started this process wants it to outlive their terminal, as `nohup` says: such a signal is
/// ignored then, and would not be once it is listened for.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The signals are numbered from 1, and this is the first.
    ignored.is_some_and(|mask| mask & 1 == 1)
}

/// The same by Ctrl-C alone.
#[cfg(not(unix))]
pub(crate) async fn ended() {
    let _ = tokio::signal::ctrl_c().await;
}

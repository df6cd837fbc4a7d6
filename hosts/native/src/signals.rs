//! Being told to end.

/// Is done when this process is told to end, by Ctrl-C or `SIGTERM`. That is noticed from the call on,
/// so it is called before anybody is told that there is something to end. Within a tokio runtime.
#[cfg(unix)]
pub(crate) fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    // Where one cannot be listened for, the system's way to end a process remains.
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        let [interrupt, terminate] = signals.map(|signal| async move {
            match signal {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        });
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// The same by Ctrl-C alone.
#[cfg(not(unix))]
pub(crate) async fn ended() {
    let _ = tokio::signal::ctrl_c().await;
}

//! What this process says of its own work, on standard error.

use std::env;
use std::io::{self, IsTerminal as _, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing_subscriber::EnvFilter;

use crate::failure::{Failure, Outcome};

/// What is logged where nobody says otherwise: warnings, but for those of the network's parts that
/// anybody can cause, or that a node or a peer causes by going away in good order.
pub(crate) const DEFAULT: &str = "warn,iroh::socket=off,noq::endpoint=off,noq_proto::connection=error,\
                                  iroh_relay::server=error";

/// Starts logging by a filter such as `info` or `myrhiza_native=debug`.
pub(crate) fn start(filter: &str, json: bool) -> Outcome<()> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::usage(
            "log-filter",
            format!("the log filter {filter:?} was not taken"),
            error.to_string(),
            "write a level (error, warn, info, debug, trace) or `target=level`, with commas between",
        )
    })?;
    let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(wanted && io::stderr().is_terminal())
        .with_writer(|| Writer)
        // It would be told on standard error, by a macro that panics where that is what failed.
        .log_internal_errors(false);
    // A second start in one process keeps the first.
    let _ = if json { subscriber.json().try_init() } else { subscriber.try_init() };
    Ok(())
}

/// What is kept of a log that would be written over a screen, in bytes.
const HELD_BYTES: usize = 64 << 10;

/// The log of this process, while it is held back.
static HELD: Mutex<Option<Vec<u8>>> = Mutex::new(None);

fn held() -> MutexGuard<'static, Option<Vec<u8>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds the log back until the guard is dropped, where it would be written over what this process
/// draws. The start of it is written then.
pub(crate) fn hold() -> Holding {
    if io::stderr().is_terminal() {
        *held() = Some(Vec::new());
    }
    Holding(())
}

/// Writes what was held back when it is dropped.
pub(crate) struct Holding(());

impl Drop for Holding {
    fn drop(&mut self) {
        if let Some(log) = held().take() {
            // Nobody is left to tell that it was not written.
            let _ = io::stderr().write_all(&log);
        }
    }
}

/// Standard error, unless it is held back. A line that is not taken there is lost, and nothing else.
struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *held() {
            Some(log) if log.len() + bytes.len() <= HELD_BYTES => log.extend_from_slice(bytes),
            Some(_) => {}
            None => {
                let _ = io::stderr().write_all(bytes);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stderr().flush();
        Ok(())
    }
}

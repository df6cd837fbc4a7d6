//! What this process says of its own work, on standard error.

use std::env;
use std::io::{self, IsTerminal as _};

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
        .with_writer(io::stderr);
    // A second start in one process keeps the first.
    let _ = if json { subscriber.json().try_init() } else { subscriber.try_init() };
    Ok(())
}

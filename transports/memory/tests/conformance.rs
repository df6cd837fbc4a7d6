//! The transport passes the kit.

use std::process::ExitCode;

use myrhiza_transport_kit::{Abilities, conformance};

fn main() -> ExitCode {
    conformance(myrhiza_transport_memory::NAME, Abilities::default())
}

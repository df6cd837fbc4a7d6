//! The transport passes the kit.

use std::process::ExitCode;

use myrhiza_transport_kit::{Abilities, conformance};

fn main() -> ExitCode {
    let abilities = Abilities { listens: true, keeps: true, resumes: true };
    conformance(myrhiza_transport_iroh::NAME, abilities)
}

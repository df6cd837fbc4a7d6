//! The `myrhiza` command with a backend that is broken. For tests and the demo.

use std::process::ExitCode;

use myrhiza_fixture_backend_broken::NAME;
use myrhiza_native::{Kind, run};

fn main() -> ExitCode {
    run(&[(Kind::Backend, NAME)])
}

//! The `myrhiza` command with one more store.

use std::process::ExitCode;

use myrhiza_fixture_store_redb::NAME;
use myrhiza_native::{Kind, run};

fn main() -> ExitCode {
    run(&[(Kind::Store, NAME)])
}

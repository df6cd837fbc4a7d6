//! The store passes the kit.

use std::process::ExitCode;

use myrhiza_store_kit::{Medium, conformance};

fn main() -> ExitCode {
    conformance(myrhiza_fixture_store_redb::NAME, Medium::Folder)
}

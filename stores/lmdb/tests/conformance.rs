//! The store passes the kit.

use std::process::ExitCode;

use myrhiza_store_kit::{Medium, conformance};

fn main() -> ExitCode {
    conformance(myrhiza_store_lmdb::NAME, Medium::Folder)
}

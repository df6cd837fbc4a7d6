//! What holds among real nodes: processes, iroh, LMDB on disk; over loopback, and between hosts of
//! their own where the machine has them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod clocks;
mod copies;
mod disk;
mod keyring;
mod kills;
mod links;
mod many;
mod membership;
mod reach;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cases = [
        // Those that take longest first.
        many::CASES,
        links::CASES,
        kills::CASES,
        clocks::CASES,
        reach::CASES,
        disk::CASES,
        copies::CASES,
        membership::CASES,
        keyring::CASES,
    ];
    myrhiza_e2e::run(&cases.concat())
}

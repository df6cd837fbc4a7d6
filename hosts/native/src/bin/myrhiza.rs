//! The `myrhiza` command with the plug-ins its features pick.

use std::process::ExitCode;

fn main() -> ExitCode {
    myrhiza_native::run(&[])
}

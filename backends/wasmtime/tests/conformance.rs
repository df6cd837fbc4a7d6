//! Runs the backend kit. With `BLESS=1` the transcripts are written anew first, to be read in the
//! diff.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use myrhiza_backend_kit::case::CASES;
use myrhiza_backend_kit::checks;
use myrhiza_backend_wasmtime::Wasmtime;

fn main() -> anyhow::Result<ExitCode> {
    let backend = Arc::new(Wasmtime::new()?);
    if std::env::var_os("BLESS").is_some() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/backend-kit/components");
        for case in CASES {
            let transcript = case.run(&*backend, false)?;
            std::fs::write(folder.join(case.name).with_extension("txt"), transcript)?;
        }
        println!("blessed; run again without BLESS");
        return Ok(ExitCode::SUCCESS);
    }
    let trials = checks().into_iter().map(|check| {
        let backend = Arc::clone(&backend);
        Trial::test(check.name.clone(), move || {
            check.run(&*backend).map_err(|error| format!("{error:#}").into())
        })
    });
    Ok(libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code())
}

//! Every app's components, as a node takes them, and every app's cases, as its people live them.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use myrhiza_apps_suite::{App, Golden, Homes, profiles};
use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_kernel::bundle::MIGRATING_PROFILE;
use myrhiza_kernel::component::admit;
use myrhiza_kernel_api::Backend;
use myrhiza_sdk::testing::Case;

/// Other keys, and with them other ids, for each.
const SEEDS: u64 = 4;

fn main() -> Result<ExitCode> {
    let backend: Arc<dyn Backend> = Arc::new(Wasmtime::new()?);
    let mut trials = Vec::new();
    for app in App::all()?.into_iter().map(Arc::new) {
        let name = app.name.clone();
        for case in Case::all(app.cases())? {
            let (app, backend) = (Arc::clone(&app), Arc::clone(&backend));
            trials.push(trial(format!("{name}::case::{}", case.name), move || {
                (0..SEEDS).try_for_each(|seed| {
                    Ok(case.play(&mut Homes::new(&app, &case, seed, &backend)?)?)
                })
            }));
        }
        if let Some(golden) = Golden::of(&app) {
            let (app, backend) = (Arc::clone(&app), Arc::clone(&backend));
            trials.push(trial(format!("{name}::golden_history_folds_as_ever"), move || {
                golden.check(&app, &backend)
            }));
        }
        trials.push(trial(format!("{name}::components_are_admitted"), move || admitted(&app)));
    }
    Ok(libtest_mimic::run(&Arguments::from_args(), trials).exit_code())
}

fn trial(name: String, test: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, || test().map_err(|error| format!("{error:#}").into()))
}

/// The SDK makes components that a node admits, and they import what they use alone.
fn admitted(app: &App) -> Result<()> {
    let components = app.components()?;
    for policy in profiles()? {
        let bytes = match components.get(policy.name()) {
            // Only a later version migrates.
            None if policy.name() == MIGRATING_PROFILE => continue,
            bytes => bytes.context(policy.name())?,
        };
        let admitted = admit(bytes, policy).with_context(|| policy.name())?;
        let unused = ["log", "hash", "signature", "fork-proof", "random", "clock"];
        for interface in &admitted.imports {
            let name = interface.split(['/', '@']).nth(1).unwrap_or_default();
            ensure!(!unused.contains(&name), "{} imports {interface} unused", policy.name());
        }
    }
    Ok(())
}

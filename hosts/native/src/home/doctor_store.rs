//! The doctor's look at the store, by a process of its own: a damaged file can end the process that
//! reads it, and then that is what there is to tell.

use std::hint::black_box;
use std::ops::{Bound, ControlFlow};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, io};

use myrhiza_kernel::runtime::Runtime;
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{Registry, Store, StoreError};
use serde::Deserialize;

use super::doctor::{BEYOND_MENDING, Check, told, topics};
use super::{Config, Marker, open_backend, open_store, store_failed, store_id};
use crate::failure::{Failure, Outcome};
use crate::text;

/// The flag that makes a doctor such a process.
const FLAG: &str = "--store-alone";
/// Every page of memory that a value is in is read.
const STEP: usize = 512;

/// Has a process look, for one that has the home.
pub(super) fn from_apart(home: &Path) -> Vec<Check> {
    let looked = ask(home);
    looked.unwrap_or_else(|failure| vec![Check::of("store", Err(failure))])
}

/// What such a process says.
#[derive(Deserialize)]
struct Said {
    checks: Vec<Check>,
}

fn ask(home: &Path) -> Outcome<Vec<Check>> {
    let run = || -> io::Result<_> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["doctor", FLAG, "--json", "--home"]).arg(home);
        command.stdin(Stdio::null()).stderr(Stdio::null()).output()
    };
    let what = "the store was not read";
    let ran = run().map_err(|error| {
        Failure::refused("io", what, error.to_string(), "mend the cause and run it again")
    })?;
    let said = serde_json::from_slice::<Said>(&ran.stdout);
    said.map(|said| said.checks).map_err(|_| {
        let cause = format!("it is damaged: the process that read it ended with {}", ran.status);
        Failure::refused("home-damaged", what, cause, BEYOND_MENDING)
    })
}

/// Looks, in such a process.
pub(crate) fn examine_store(home: &Path, defaults: Config, registry: &Registry) -> Vec<Check> {
    let store = Marker::read(home).and_then(|marker| {
        let store = open_store(registry, &marker.store, home)?;
        store_id::check(home, &*store)?;
        let rows = rows(&*store).map_err(|error| store_failed("it was not read", &error))?;
        Ok((store, rows))
    });
    let opens = |(store, rows): &(std::sync::Arc<dyn Store>, u64)| {
        format!("`{}` opens, and has {}", store.name(), text::count(*rows, "row"))
    };
    let mut checks = vec![Check::of("store", told(&store, opens))];
    let backend = Config::read(home, defaults, registry)
        .and_then(|config| open_backend(registry, &config.backend));
    if let (Ok((store, _)), Ok(backend)) = (store, backend) {
        let runtime = Runtime::new(store, backend, registry.profiles());
        checks.push(Check::of("topics", topics(&runtime)));
    }
    checks
}

/// Reads all there is.
fn rows(store: &dyn Store) -> Result<u64, StoreError> {
    let snapshot = store.snapshot()?;
    let mut rows = 0;
    for keyspace in schema::ALL {
        let mut visit = |key: &[u8], value: &[u8]| {
            let bytes = key.iter().chain(value.iter().step_by(STEP)).chain(value.last());
            let _ = black_box(bytes.fold(0_u8, |all, byte| all ^ byte));
            rows += 1;
            ControlFlow::Continue(())
        };
        snapshot.scan(*keyspace, (Bound::Unbounded, Bound::Unbounded), false, &mut visit)?;
    }
    Ok(rows)
}

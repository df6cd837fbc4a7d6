//! The conformance kit. A check opens stores and cannot wait, so there are folders made ready for it.

use std::cell::RefCell;
use std::path::PathBuf;

use js_sys::Error;
use myrhiza_store_kit::{CHECKS, Check, DURABLE_CHECKS, Medium, Subject};
use myrhiza_store_opfs::{NAME, prepare, release};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Outcome, told};

/// More than any check opens.
const READY: usize = 100;

thread_local! {
    static FOLDERS: RefCell<Folders> = RefCell::default();
}

#[derive(Default)]
struct Folders {
    ready: Vec<String>,
    used: Vec<String>,
    made: usize,
}

fn checks() -> impl Iterator<Item = &'static (&'static str, Check)> {
    CHECKS.iter().chain(DURABLE_CHECKS)
}

/// The names of the kit's checks, in the order of their numbers.
#[wasm_bindgen]
pub fn kit_checks() -> Vec<String> {
    checks().map(|(name, _)| (*name).to_owned()).collect()
}

/// Runs a check of the kit.
///
/// # Errors
/// If there are no folders for it. What the store does not hold is a panic.
#[wasm_bindgen]
pub async fn kit_check(number: usize) -> Outcome {
    let (_, check) = checks().nth(number).ok_or_else(|| Error::new("there is no such check"))?;
    while FOLDERS.with_borrow(|folders| folders.ready.len() < READY) {
        let made = FOLDERS.with_borrow_mut(|folders| {
            folders.made += 1;
            folders.made
        });
        let folder = format!("kit/{made}");
        prepare(&folder).await.map_err(told)?;
        FOLDERS.with_borrow_mut(|folders| folders.ready.push(folder));
    }
    check(&Subject::registered(NAME, Medium::Given(next)));
    let used = FOLDERS.with_borrow_mut(|folders| std::mem::take(&mut folders.used));
    used.iter().try_for_each(|folder| release(folder)).map_err(told)
}

fn next() -> PathBuf {
    FOLDERS.with_borrow_mut(|folders| match folders.ready.pop() {
        Some(folder) => {
            folders.used.push(folder.clone());
            folder.into()
        }
        None => wasm_bindgen::throw_str("the check opens more folders than were made ready"),
    })
}

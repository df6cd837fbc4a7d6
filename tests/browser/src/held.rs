//! Stores that stay open between calls, as a host's do.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use js_sys::Error;
use myrhiza_kernel_api::{Keyspace, Store, StoreError, WriteBatch};
use myrhiza_store_kit::{Medium, Subject, assert_batches, write_batches};
use myrhiza_store_opfs::{NAME, prepare, release};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Outcome, open, told};

const A: Keyspace = Keyspace { index: 0, name: "a" };
const KEYSPACES: &[Keyspace] = &[A];

/// Of the value of a put.
const VALUE_BYTES: usize = 100_000;

thread_local! {
    static STORES: RefCell<BTreeMap<String, Arc<dyn Store>>> = RefCell::default();
}

#[wasm_bindgen]
extern "C" {
    /// The harness's: tells who started this worker a number, while a call of it runs.
    fn tell(number: f64);
}

/// Makes a folder ready.
///
/// # Errors
/// Why it cannot be.
#[wasm_bindgen]
pub async fn make_ready(folder: String) -> Outcome {
    prepare(&folder).await.map_err(told)
}

/// Makes a folder ready, and opens its store.
///
/// # Errors
/// Why that cannot be.
#[wasm_bindgen]
pub async fn hold(folder: String) -> Outcome {
    prepare(&folder).await.map_err(told)?;
    let store = open(&folder, KEYSPACES)?;
    STORES.with_borrow_mut(|stores| stores.insert(folder, store));
    Ok(())
}

/// Closes the store of a folder, and lets others have it.
///
/// # Errors
/// If something of it is still open.
#[wasm_bindgen]
pub fn let_go(folder: &str) -> Outcome {
    STORES.with_borrow_mut(|stores| stores.remove(folder));
    release(folder).map_err(told)
}

/// Lets others have a folder, whether its store is open or not.
///
/// # Errors
/// If it is.
#[wasm_bindgen]
pub fn try_release(folder: &str) -> Outcome {
    release(folder).map_err(told)
}

/// Opens the store of a folder once more.
///
/// # Errors
/// That it is open, or was not made ready.
#[wasm_bindgen]
pub fn open_again(folder: &str) -> Outcome {
    open(folder, KEYSPACES).map(drop)
}

fn held(folder: &str) -> Outcome<Arc<dyn Store>> {
    let store = STORES.with_borrow(|stores| stores.get(folder).cloned());
    store.ok_or_else(|| Error::new("it is not held"))
}

/// Commits a number with a value of 100 kB. Its outcome: `ok`, `full`, or what else failed.
///
/// # Errors
/// If the store is not held.
#[wasm_bindgen]
pub fn put(folder: &str, number: u32) -> Outcome<String> {
    let mut batch = WriteBatch::new();
    batch.put(A, number.to_be_bytes(), vec![number as u8; VALUE_BYTES]);
    Ok(match held(folder)?.commit(batch) {
        Ok(()) => "ok".into(),
        Err(StoreError::Full { .. }) => "full".into(),
        Err(error) => error.to_string(),
    })
}

/// Which of the numbers below `end` are there; each with its whole value.
///
/// # Errors
/// If the store is not held, cannot be read, or has another value.
#[wasm_bindgen]
pub fn numbers(folder: &str, end: u32) -> Outcome<Vec<u32>> {
    let snapshot = held(folder)?.snapshot().map_err(told)?;
    let mut there = Vec::new();
    for number in 0..end {
        if let Some(value) = snapshot.get(A, &number.to_be_bytes()).map_err(told)? {
            if *value != vec![number as u8; VALUE_BYTES] {
                return Err(told(format!("the value of {number} is another")));
            }
            there.push(number);
        }
    }
    Ok(there)
}

/// Commits the kit's batches to a folder, and tells each when it is there, until the worker is ended.
///
/// # Errors
/// If the folder cannot be made ready.
#[wasm_bindgen]
pub async fn write_until_ended(folder: String) -> Outcome {
    prepare(&folder).await.map_err(told)?;
    let store = Subject::registered(NAME, Medium::Given(|| "none".into())).open(folder.as_ref());
    // Bounded, should nobody end it.
    write_batches(&*store, 1_000_000, |number| {
        tell(number as f64);
        true
    });
    Ok(())
}

/// The last of the kit's batches that is in a folder, with all before it.
///
/// # Errors
/// If the folder cannot be made ready. A batch that is there in part is a panic.
#[wasm_bindgen]
pub async fn last_batch(folder: String) -> Outcome<f64> {
    prepare(&folder).await.map_err(told)?;
    let store = Subject::registered(NAME, Medium::Given(|| "none".into())).open(folder.as_ref());
    let last = assert_batches(&*store);
    drop(store);
    release(&folder).map_err(told)?;
    Ok(last as f64)
}

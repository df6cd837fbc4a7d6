//! What the store costs in this browser.

use std::ops::Range;

use js_sys::{Date, Error, Reflect, global};
use myrhiza_kernel_api::{Keyspace, Store, WriteBatch};
use myrhiza_store_opfs::{prepare, release};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;

use crate::{Outcome, open, told};

const LOG: Keyspace = Keyspace { index: 0, name: "log" };
const KEYSPACES: &[Keyspace] = &[LOG];

/// An event as most are.
const EVENT_BYTES: usize = 280;
const EVENTS: u32 = 10_000;
const BATCH: u32 = 1_000;
const ROUNDS: u32 = 201;

#[wasm_bindgen]
extern "C" {
    type Performance;
    #[wasm_bindgen(method)]
    fn now(this: &Performance) -> f64;
}

/// Milliseconds since some moment.
fn now() -> f64 {
    let performance = Reflect::get(&global(), &JsValue::from_str("performance"));
    performance.map_or_else(|_| Date::now(), |there| there.unchecked_into::<Performance>().now())
}

/// Lines of figures, of a store in a folder that has nothing yet.
///
/// # Errors
/// If the store fails.
#[wasm_bindgen]
pub async fn measure(folder: String) -> Outcome<Vec<String>> {
    let start = now();
    prepare(&folder).await.map_err(told)?;
    let ready = now() - start;
    let (store, created) = timed(|| open(&folder, KEYSPACES))?;
    let mut lines = vec![format!("made ready in {ready:.1} ms, made in {created:.1} ms")];

    lines.push(format!("a commit of one row: {}", rows(&*store, EVENTS)?));

    let batches = |numbers: Range<u32>| {
        let mut starts = numbers.step_by(BATCH as usize);
        let ((), took) = timed(|| starts.try_for_each(|start| events(&*store, start, BATCH)))?;
        Ok::<_, Error>(took)
    };
    let took = batches(0..EVENTS)?;
    lines.push(format!("{EVENTS} events in batches of {BATCH}, ascending: {took:.0} ms in all"));
    batches(EVENTS..10 * EVENTS)?;
    let beside = rows(&*store, 20 * EVENTS)?;
    lines.push(format!("a commit of one row beside {} events: {beside}", 10 * EVENTS));

    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let key = (round * 37 % EVENTS).to_be_bytes();
        let ((), took) = timed(|| {
            let snapshot = store.snapshot().map_err(told)?;
            let there = snapshot.get(LOG, &key).map_err(told)?.is_some();
            if there { Ok(()) } else { Err(Error::new("an event is gone")) }
        })?;
        rounds.push(took);
    }
    lines.push(format!("a snapshot and a read of one row: {}", spread(&mut rounds)));
    drop(store);
    let (store, opened) = timed(|| open(&folder, KEYSPACES))?;
    lines.push(format!("opened after it was closed in {opened:.1} ms"));
    drop(store);
    release(&folder).map_err(told)?;
    Ok(lines)
}

/// How long it takes to have a store of a folder again, in milliseconds: until it is ready, and until it
/// is open.
///
/// # Errors
/// If it cannot be had.
#[wasm_bindgen]
pub async fn reopen(folder: String) -> Outcome<Vec<f64>> {
    let start = now();
    prepare(&folder).await.map_err(told)?;
    let ready = now() - start;
    let (store, opened) = timed(|| open(&folder, KEYSPACES))?;
    drop(store);
    Ok(vec![ready, opened])
}

/// Commits events one after another, until the worker is ended.
///
/// # Errors
/// If the store cannot be had.
#[wasm_bindgen]
pub async fn write_events_until_ended(folder: String) -> Outcome {
    prepare(&folder).await.map_err(told)?;
    let store = open(&folder, KEYSPACES)?;
    (0..1_000_000).try_for_each(|start| events(&*store, start, BATCH))
}

/// Commits of one row each, from that number on.
fn rows(store: &dyn Store, first: u32) -> Outcome<String> {
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let ((), took) = timed(|| events(store, first + round, 1))?;
        rounds.push(took);
    }
    Ok(spread(&mut rounds))
}

fn events(store: &dyn Store, start: u32, count: u32) -> Outcome {
    let mut batch = WriteBatch::new();
    for n in start..start.saturating_add(count) {
        let mut value = vec![n as u8; EVENT_BYTES];
        value[..4].copy_from_slice(&n.to_be_bytes());
        batch.put(LOG, n.to_be_bytes(), value);
    }
    store.commit(batch).map_err(told)
}

fn timed<T>(run: impl FnOnce() -> Outcome<T>) -> Outcome<(T, f64)> {
    let start = now();
    let value = run()?;
    Ok((value, now() - start))
}

fn spread(rounds: &mut [f64]) -> String {
    rounds.sort_by(f64::total_cmp);
    let at = |part: usize| rounds.get(rounds.len() * part / 100).copied().unwrap_or_default();
    // A browser's clock is coarse: the mean tells more than the median.
    let mean = rounds.iter().sum::<f64>() / rounds.len() as f64;
    format!("mean {mean:.2} ms, 9 of 10 within {:.1} ms", at(90))
}

//! The backend kit and the golden histories on a browser's engine.
//!
//! `cargo xtask test web` builds this for wasm32, makes the JavaScript around it and runs `run.mjs`
//! in Node, whose engine is a browser's too. For this machine itself there is nothing to build.
#![cfg(target_arch = "wasm32")]

mod measured;

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use js_sys::Error;
use myrhiza_apps_suite::Recorded;
use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_backend_kit::host::Recorder;
use myrhiza_backend_web::Web;
use myrhiza_kernel_api::{Backend, Component};
use wasm_bindgen::prelude::wasm_bindgen;

type Outcome<T = ()> = Result<T, Error>;

/// The names of the kit's checks, in the order of their numbers.
#[wasm_bindgen]
pub fn checks() -> Vec<String> {
    myrhiza_backend_kit::checks().into_iter().map(|check| check.name).collect()
}

/// Runs a check of the kit.
///
/// # Errors
/// What the backend does not hold.
#[wasm_bindgen]
pub fn check(number: usize) -> Outcome {
    let checks = myrhiza_backend_kit::checks();
    let check = checks.get(number).context("there is no such check");
    check.and_then(|check| check.run(&Web::new())).map_err(told)
}

/// Folds a golden history, of which the files are given.
///
/// # Errors
/// What differs.
#[wasm_bindgen]
pub fn golden(bundle: &[u8], topic: &[u8], fold: &[u8]) -> Outcome {
    Recorded { bundle, topic, fold }.check(&Web::shared()).map_err(told)
}

/// What is to be made of each random component, by its seed.
#[wasm_bindgen]
pub fn transcripts() -> Vec<String> {
    myrhiza_random_components::TRANSCRIPTS.lines().map(str::to_owned).collect()
}

/// What this engine makes of the random component of a seed.
///
/// # Errors
/// If it is not admitted for another reason than random ones are, or this engine fails.
#[wasm_bindgen]
pub fn transcript(seed: u32) -> Outcome<String> {
    myrhiza_random_components::transcript(u64::from(seed), &Web::new()).map_err(told)
}

/// What a component asks of the kit's host and is too much for it.
const TOO_MUCH: &str = r#"(module
    (import "myrhiza:kernel/random@1.0.0" "bytes" (func $bytes (param i32 i32)))
    (func (export "propose") (param i32 i32) (result i32)
        (call $bytes (i32.const -1) (i32.const 1024)) (i32.const 1024)))"#;

/// Panics since [`panic`] was called.
static PANICS: AtomicU32 = AtomicU32::new(0);

/// How often this program has panicked since [`panic`] was called: what follows a panic must not be
/// another.
#[wasm_bindgen]
pub fn panics() -> u32 {
    PANICS.load(Ordering::Relaxed)
}

/// A call whose host panics: it must not return, since the trap that a panic is here is not the
/// component's.
///
/// # Errors
/// If the component cannot be made or compiled.
#[wasm_bindgen]
pub fn panic() -> Outcome<String> {
    std::panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    let panic = || -> anyhow::Result<String> {
        let bytes = guest::component(Profile::StatePropose, TOO_MUCH)?;
        let fuel = Profile::StatePropose.fuel();
        let component = Component { id: guest::id(&bytes), bytes: &bytes, fuel };
        let mut propose = Web::new().state_propose(component)?;
        Ok(format!("{:?}", propose.propose(Box::new(Recorder::new(0)), &[]).outcome))
    };
    panic().map_err(told)
}

fn told(error: anyhow::Error) -> Error {
    Error::new(&format!("{error:#}"))
}

/// What runs once, when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    // A panic ends in `unreachable`, which says nothing.
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

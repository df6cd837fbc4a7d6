//! How the store of this home was opened before: what is gone, or ends whoever opens it, is told rather than
//! made anew or tried for ever.

use myrhiza_api::{Error, Notice};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::fault;

/// Openings that were begun and did not end, after which one is given up: a tab can be closed amid one.
const TIMES: f64 = 3.0;

#[wasm_bindgen(module = "/web/kept.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn opened() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = isThere)]
    async fn is_there(folder: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn begins() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn ended(folder: Option<String>) -> Result<JsValue, JsValue>;
}

/// What became of the store that this home had.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// It is there, or there was none yet.
    Well,
    /// It has no files any more.
    Gone,
    /// It was gone, and who made new keys came no further: it was of others than those there are.
    Renewed,
}

/// What became of the store of a home whose keys say it is in that folder.
pub(crate) async fn before(folder: &str) -> Result<Before, Error> {
    let before = opened().await.map_err(|error| fault::keys(&error))?;
    match before.as_string() {
        None => Ok(Before::Well),
        Some(before) if before != folder => Ok(Before::Renewed),
        Some(_) => {
            let there = is_there(folder).await.map_err(|error| fault::files(&error))?;
            Ok(if there.is_truthy() { Before::Well } else { Before::Gone })
        }
    }
}

/// The store is about to be opened. What ended the worker more than once at that is not tried this time.
pub(crate) async fn begin() -> Result<(), Error> {
    let before = begins().await.map_err(|error| fault::keys(&error))?;
    if before.as_f64().is_some_and(|before| before >= TIMES) {
        end(None).await?;
        return Err(fault::ends_us());
    }
    Ok(())
}

/// It was opened, or was not for a reason that is told.
pub(crate) async fn end(folder: Option<String>) -> Result<(), Error> {
    ended(folder).await.map_err(|error| fault::keys(&error)).map(drop)
}

/// What the page is told where the files were lost.
pub(crate) fn lost() -> Notice {
    Notice::Fault {
        code: "store-lost",
        what: "what this browser kept of your topics is gone".into(),
        cause: "it has thrown its files away, or somebody removed them; who you are it still has"
            .into(),
        next: "join your topics again by tickets: what you did there is with your peers",
    }
}

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

/// Whether the store in that folder was opened before and has no files any more.
pub(crate) async fn is_lost(folder: &str) -> Result<bool, Error> {
    let before = opened().await.map_err(|error| fault::keys(&error))?;
    if before.as_string().as_deref() != Some(folder) {
        return Ok(false);
    }
    let there = is_there(folder).await.map_err(|error| fault::files(&error))?;
    Ok(!there.is_truthy())
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

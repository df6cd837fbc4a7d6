//! The relays a home is reached through. They are kept beside the store, since the way to peers is
//! opened with them.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::fault;

/// Most that are kept: a home is reached through one of them, and the others are spare.
const RELAYS: usize = 4;

mod kept {
    use super::{Array, JsValue, wasm_bindgen};

    #[wasm_bindgen(module = "/web/kept.js")]
    extern "C" {
        #[wasm_bindgen(catch)]
        pub(super) async fn relays() -> Result<JsValue, JsValue>;
        #[wasm_bindgen(catch, js_name = keepRelays)]
        pub(super) async fn keep(urls: Array) -> Result<JsValue, JsValue>;
    }
}

/// The URLs that are kept.
///
/// # Errors
/// An error as JSON.
#[wasm_bindgen]
pub async fn relays() -> Result<Vec<String>, JsValue> {
    let kept = kept::relays().await.map_err(|error| told(&error))?;
    Ok(Array::from(&kept).iter().filter_map(|url| url.as_string()).take(RELAYS).collect())
}

/// Keeps others: the last of them, if they are many.
///
/// # Errors
/// An error as JSON.
#[wasm_bindgen]
pub async fn keep_relays(urls: Vec<String>) -> Result<(), JsValue> {
    let last = urls.len().saturating_sub(RELAYS);
    let urls = urls[last..].iter().map(|url| JsValue::from_str(url)).collect();
    kept::keep(urls).await.map_err(|error| told(&error)).map(|_| ())
}

fn told(error: &JsValue) -> JsValue {
    JsValue::from_str(&fault::keys(error).to_json())
}

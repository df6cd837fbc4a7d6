//! The home's keys. At rest they are the kernel's key file, sealed by a key that the browser keeps in
//! its database and lets nobody read (`web/kept.js`).

use js_sys::Uint8Array;
use myrhiza_api::Error;
use myrhiza_kernel::identity::{Keys, SecretKey, sealed};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::fault;

#[wasm_bindgen(module = "/web/kept.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn keys() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = keepKeys)]
    async fn keep_keys(file: Uint8Array) -> Result<JsValue, JsValue>;
}

/// The keys of this browser's home; the first time, those of a new person, whose device has `name`.
pub(crate) async fn open(name: &str) -> Result<Keys, Error> {
    let file = keys().await.map_err(|error| fault::keys(&error))?;
    if !file.is_undefined() {
        let file = Zeroizing::new(Uint8Array::new(&file).to_vec());
        return sealed::open(&file, None).map_err(|error| fault::key_file(&error));
    }
    let random = || SecretKey::generate(getrandom::fill).map_err(|error| fault::chance(&error));
    let made = Keys::new(random()?, random()?, name).map_err(|error| fault::key_file(&error))?;
    keep(&made).await?;
    Ok(made)
}

/// The same person's on a new device, in the place of those of one whose store is gone: what its scope
/// had signed nobody here knows any more, and it must not sign something else in its place.
pub(crate) async fn renew(keys: &Keys, name: &str) -> Result<Keys, Error> {
    let Some(person) = keys.person() else {
        return Err(fault::key_file(&"they lack their person's"));
    };
    let device = SecretKey::generate(getrandom::fill).map_err(|error| fault::chance(&error))?;
    let made = Keys::new(person.clone(), device, name).map_err(|error| fault::key_file(&error))?;
    keep(&made).await?;
    Ok(made)
}

async fn keep(keys: &Keys) -> Result<(), Error> {
    let file = sealed::without_seal(keys);
    keep_keys(Uint8Array::from(&file[..])).await.map_err(|error| fault::keys(&error)).map(drop)
}

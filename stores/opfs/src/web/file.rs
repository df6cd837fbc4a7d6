//! A file's handle as JavaScript has it.

use std::io::{self, ErrorKind};
use std::time::Duration;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::refused;

#[wasm_bindgen(module = "/src/web/opfs.js")]
extern "C" {
    pub(super) type File;

    #[wasm_bindgen(static_method_of = File, js_name = acquire)]
    fn acquire_within(folder: &str, name: &str, patience: f64) -> Promise<File>;

    #[wasm_bindgen(method, catch, js_name = size)]
    fn try_size(this: &File) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch, js_name = read)]
    fn try_read(this: &File, bytes: &mut [u8], at: f64) -> Result<usize, JsValue>;
    #[wasm_bindgen(method, catch, js_name = write)]
    fn try_write(this: &File, bytes: &[u8], at: f64) -> Result<usize, JsValue>;
    #[wasm_bindgen(method, catch, js_name = truncate)]
    fn try_truncate(this: &File, size: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = flush)]
    fn try_flush(this: &File) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = close)]
    fn try_close(this: &File) -> Result<(), JsValue>;
}

impl File {
    pub(super) async fn acquire(
        folder: &str,
        name: &str,
        patience: Duration,
    ) -> Result<Self, JsValue> {
        Self::acquire_within(folder, name, patience.as_secs_f64() * 1000.0).await
    }

    pub(super) fn size(&self) -> io::Result<u64> {
        // A length of a file is a whole number and far below what a float tells apart.
        Ok(self.try_size().map_err(failed)? as u64)
    }

    pub(super) fn read(&self, mut at: u64, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.try_read(bytes, at as f64).map_err(failed)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                read => {
                    at += read as u64;
                    bytes = bytes.get_mut(read..).unwrap_or_default();
                }
            }
        }
        Ok(())
    }

    pub(super) fn write(&self, mut at: u64, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.try_write(bytes, at as f64).map_err(failed)? {
                0 => return Err(ErrorKind::StorageFull.into()),
                written => {
                    at += written as u64;
                    bytes = bytes.get(written..).unwrap_or_default();
                }
            }
        }
        Ok(())
    }

    pub(super) fn truncate(&self, size: u64) -> io::Result<()> {
        self.try_truncate(size as f64).map_err(failed)
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        self.try_flush().map_err(failed)
    }

    pub(super) fn close(&self) -> io::Result<()> {
        self.try_close().map_err(failed)
    }
}

fn failed(error: JsValue) -> io::Error {
    let (name, message) = refused::words(&error);
    match name.as_str() {
        "QuotaExceededError" => io::Error::new(ErrorKind::QuotaExceeded, message),
        _ => io::Error::other(format!("{name}: {message}")),
    }
}

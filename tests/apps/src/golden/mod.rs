//! Golden histories: a bundle and a topic as files, and what their fold gives on every host.
//!
//! Ids and ties depend on the components' bytes, and those on the compiler; so the bytes are kept.
//! `BLESS=1` writes `fold.json` anew, which is a change of the protocol: read the diff. The two
//! other files are made where they are missing: delete them if they are to be made anew.

#[cfg(not(target_arch = "wasm32"))]
mod files;
mod fold;
#[cfg(not(target_arch = "wasm32"))]
mod make;

use std::sync::Arc;

use anyhow::{Result, ensure};
use myrhiza_kernel::bundle;
use myrhiza_kernel_api::Backend;
use serde_json::Value;

#[cfg(not(target_arch = "wasm32"))]
pub use files::Golden;
use fold::Arrival;

/// The files of a golden history.
pub struct Recorded<'a> {
    /// `app.bundle`
    pub bundle: &'a [u8],
    /// `history.myrtopic`
    pub topic: &'a [u8],
    /// `fold.json`
    pub fold: &'a [u8],
}

impl Recorded<'_> {
    /// Folds it in all sequences of arrival, and compares. Needs no file, so a browser runs it too.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, backend: &Arc<dyn Backend>) -> Result<()> {
        let bundle = bundle::open(self.bundle)?;
        let expected: Value = serde_json::from_slice(self.fold)?;
        for arrival in [Arrival::InOrder, Arrival::Backwards, Arrival::Doubled] {
            let found = fold::fold(&bundle, self.topic, backend, arrival)?;
            let differences = fold::differences(&expected, &found);
            ensure!(
                differences.is_empty(),
                "it folds otherwise ({arrival:?}):\n{}",
                differences.join("\n")
            );
        }
        Ok(())
    }
}

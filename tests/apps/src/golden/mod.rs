//! Golden histories: a bundle and a topic as files, and what their fold gives on every host.
//!
//! Ids and ties depend on the components' bytes, and those on the compiler; so the bytes are kept.
//! `BLESS=1` writes `fold.json` anew, which is a change of the protocol: read the diff. The two
//! other files are made where they are missing: delete them if they are to be made anew.

mod fold;
mod make;

use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use myrhiza_kernel::bundle;
use myrhiza_kernel_api::Backend;
use myrhiza_sdk::testing::Case;
use serde_json::Value;

use crate::App;
use fold::Arrival;

/// An app's golden history.
pub struct Golden {
    folder: PathBuf,
}

impl Golden {
    /// That of an app, if it has one: an app that is only begun need not.
    pub fn of(app: &App) -> Option<Self> {
        let all = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");
        let folder = PathBuf::from(all).join(&app.name);
        folder.exists().then_some(Self { folder })
    }

    /// Folds it in all sequences of arrival, and compares.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, app: &App, backend: &Arc<dyn Backend>) -> Result<()> {
        let bless = env::var_os("BLESS").is_some();
        if bless {
            self.make_missing(app, backend)?;
        }
        let bundle = bundle::open(&self.read("app.bundle")?)?;
        let topic = self.read("history.myrtopic")?;
        let found = fold::fold(&bundle, &topic, backend, Arrival::InOrder)?;
        if bless {
            self.write("fold.json", (serde_json::to_string_pretty(&found)? + "\n").as_bytes())?;
        }
        let expected = serde_json::from_slice(&self.read("fold.json")?)?;
        self.compare(&expected, &found, Arrival::InOrder)?;
        for arrival in [Arrival::Backwards, Arrival::Doubled] {
            self.compare(&expected, &fold::fold(&bundle, &topic, backend, arrival)?, arrival)?;
        }
        Ok(())
    }

    fn make_missing(&self, app: &App, backend: &Arc<dyn Backend>) -> Result<()> {
        let there = |file| self.folder.join(file).exists();
        if there("app.bundle") && there("history.myrtopic") {
            return Ok(());
        }
        let story = String::from_utf8(self.read("story.txt")?)?;
        let made = make::make(app, &Case::parse(&app.name, &story)?, backend)?;
        self.write("app.bundle", &made.bundle)?;
        self.write("history.myrtopic", &made.topic)
    }

    fn compare(&self, expected: &Value, found: &Value, arrival: Arrival) -> Result<()> {
        let differences = fold::differences(expected, found);
        ensure!(
            differences.is_empty(),
            "{} folds otherwise ({arrival:?}):\n{}\nrun with BLESS=1 if the protocol is meant to change",
            self.folder.display(),
            differences.join("\n")
        );
        Ok(())
    }

    fn read(&self, file: &str) -> Result<Vec<u8>> {
        let file = self.folder.join(file);
        fs::read(&file)
            .with_context(|| format!("reading {}; BLESS=1 makes what is missing", file.display()))
    }

    fn write(&self, file: &str, bytes: &[u8]) -> Result<()> {
        let file = self.folder.join(file);
        fs::write(&file, bytes).with_context(|| format!("writing {}", file.display()))
    }
}

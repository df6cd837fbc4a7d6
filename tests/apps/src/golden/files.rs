//! The files that a golden history is kept in.

use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, Result};
use myrhiza_kernel::bundle;
use myrhiza_kernel_api::Backend;
use myrhiza_sdk::testing::Case;

use super::fold::{Arrival, fold};
use super::{Recorded, make};
use crate::App;

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
        let (bundle, topic) = (self.read("app.bundle")?, self.read("history.myrtopic")?);
        if bless {
            let found = fold(&bundle::open(&bundle)?, &topic, backend, Arrival::InOrder)?;
            self.write("fold.json", (serde_json::to_string_pretty(&found)? + "\n").as_bytes())?;
        }
        let expected = self.read("fold.json")?;
        let recorded = Recorded { bundle: &bundle, topic: &topic, fold: &expected };
        recorded.check(backend).with_context(|| {
            let folder = self.folder.display();
            format!("{folder}; run with BLESS=1 if the protocol is meant to change")
        })
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

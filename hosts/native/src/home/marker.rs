//! `home.toml`: says that a folder is a home, in which layout, and which store wrote it.

use std::path::Path;

use myrhiza_kernel_api::{Kind, Registry};
use serde::{Deserialize, Serialize};

use super::layout;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Readers};

/// Version of the layout.
const VERSION: u32 = 1;
const MAX_BYTES: usize = 4 << 10;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marker {
    version: u32,
    /// The store that wrote `store/NAME`.
    pub(crate) store: String,
    /// Which store that is, as it says itself. Homes of older builds have none, and those whose store
    /// keeps nothing.
    #[serde(rename = "store-id", default)]
    pub(super) store_id: Option<String>,
}

/// What is read first, so that a later layout is told as such.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Marker {
    pub(super) fn new(store: &str, store_id: Option<String>) -> Self {
        Self { version: VERSION, store: store.into(), store_id }
    }

    pub(super) fn write(&self, home: &Path) -> Outcome<()> {
        let mut text = format!(
            "# Written by `myrhiza init`; not to be edited.\nversion = {}\nstore = {:?}\n",
            self.version, self.store
        );
        if let Some(id) = &self.store_id {
            text.push_str(&format!("store-id = {id:?}\n"));
        }
        files::write(&layout::marker(home), text.as_bytes(), Readers::Owner)
    }

    pub(super) fn read(home: &Path) -> Outcome<Self> {
        let path = layout::marker(home);
        let is_there = path.try_exists().map_err(|error| Failure::file("opened", home, &error))?;
        if !is_there {
            return Err(Failure::not_found(
                "no-home",
                format!("there is no home at {}", home.display()),
                if home.exists() {
                    "the folder has no `home.toml`"
                } else {
                    "there is no such folder"
                },
                "make one with `myrhiza init`, or name another with `--home DIR` or MYRHIZA_HOME",
            ));
        }
        let damaged = |cause: String| {
            Failure::refused(
                "home-damaged",
                format!("the home {} was not opened", home.display()),
                cause,
                "put `home.toml` back from a back-up",
            )
        };
        let bytes = files::read(&path, MAX_BYTES)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| damaged(format!("home.toml: {e}")))?;
        let versioned: Versioned = toml::from_str(text).map_err(|e| damaged(told(&e)))?;
        if versioned.version != VERSION {
            return Err(Failure::refused(
                "update-needed",
                format!("the home {} was not opened", home.display()),
                format!(
                    "its layout has version {}, and this build knows {VERSION}",
                    versioned.version
                ),
                "update Myrhiza",
            ));
        }
        toml::from_str(text).map_err(|e| damaged(told(&e)))
    }

    /// Refuses a build that has not got the store that wrote the home.
    pub(super) fn check_build(&self, home: &Path, registry: &Registry) -> Outcome<()> {
        registry.get(Kind::Store, &self.store).map(drop).map_err(|error| {
            Failure::refused(
                "no-store",
                format!("the home {} was not opened", home.display()),
                format!("the store `{}` wrote it, and {error}", self.store),
                "use a build of `myrhiza` that has it; docs/guide/choose-a-store.md says how",
            )
        })
    }

    /// Refuses a configuration that names another store than the one that wrote the home.
    pub(super) fn check_store(&self, home: &Path, configured: &str) -> Outcome<()> {
        if self.store == configured {
            return Ok(());
        }
        Err(Failure::refused(
            "other-store",
            format!("the home {} was not opened", home.display()),
            format!(
                "the store `{}` wrote it, and its config.toml names the store `{configured}`",
                self.store
            ),
            format!(
                "write `store = \"{}\"` in {}; to change stores, `init` a new home with \
                 `--store {configured}` and carry topics over with `topic export` and `topic import`",
                self.store,
                layout::config(home).display()
            ),
        ))
    }
}

fn told(error: &toml::de::Error) -> String {
    format!("home.toml: {}", error.message())
}

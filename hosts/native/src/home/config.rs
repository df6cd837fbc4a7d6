//! `config.toml`: this home's settings.

use std::path::Path;

use myrhiza_kernel_api::{Kind, Registry};
use serde::Serialize;

use super::layout;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Readers};

const MAX_BYTES: usize = 64 << 10;

/// Every setting. What the file leaves out has the build's default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Config {
    /// The store that keeps this home.
    pub(crate) store: String,
    /// The engine that runs components.
    pub(crate) backend: String,
}

/// The names of the settings, in the file's order.
pub(crate) const KEYS: [&str; 2] = ["store", "backend"];

impl Config {
    /// The settings of a home, checked against the plug-ins of this build.
    pub(super) fn read(home: &Path, defaults: Config, registry: &Registry) -> Outcome<Self> {
        let path = layout::config(home);
        let bad = |cause: String, next: String| {
            Failure::usage("bad-config", format!("{} was not taken", path.display()), cause, next)
        };
        let bytes = match path.exists() {
            true => files::read(&path, MAX_BYTES)?,
            false => Vec::new(),
        };
        let text = String::from_utf8(bytes)
            .map_err(|error| bad(error.to_string(), "save it as UTF-8".into()))?;
        let table: toml::Table = toml::from_str(&text)
            .map_err(|error| bad(error.to_string().trim().into(), "mend that line".into()))?;
        let mut config = defaults;
        for (key, value) in table {
            let Some(setting) = config.setting(&key) else {
                return Err(bad(
                    format!("it has a setting `{key}`, which there is not"),
                    format!("remove it; the settings are {}", listing(&KEYS)),
                ));
            };
            let toml::Value::String(value) = value else {
                return Err(bad(
                    format!("`{key}` is {}, and has to be text", value.type_str()),
                    format!("write it in quotes, such as `{key} = {setting:?}`"),
                ));
            };
            *setting = value;
        }
        for key in KEYS {
            let value = config.get(key).unwrap_or_default();
            check(registry, key, value)
                .map_err(|cause| bad(cause, format!("write one of those as `{key}`")))?;
        }
        Ok(config)
    }

    pub(super) fn write(&self, home: &Path) -> Outcome<()> {
        let mut text = String::from("# Settings of this home; docs/spec/home.md explains them.\n");
        for key in KEYS {
            text.push_str(&format!("{key} = {:?}\n", self.get(key).unwrap_or_default()));
        }
        files::write(&layout::config(home), text.as_bytes(), Readers::Owner)
    }

    /// A setting's value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        match key {
            "store" => Some(&self.store),
            "backend" => Some(&self.backend),
            _ => None,
        }
    }

    pub(super) fn setting(&mut self, key: &str) -> Option<&mut String> {
        match key {
            "store" => Some(&mut self.store),
            "backend" => Some(&mut self.backend),
            _ => None,
        }
    }
}

/// Refuses a value that this build has nothing for.
pub(super) fn check(registry: &Registry, key: &str, value: &str) -> Result<(), String> {
    let kind = match key {
        "store" => Kind::Store,
        _ => Kind::Backend,
    };
    registry.get(kind, value).map(drop).map_err(|error| error.to_string())
}

/// `` `a`, `b` ``
pub(crate) fn listing(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

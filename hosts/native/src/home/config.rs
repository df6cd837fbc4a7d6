//! `config.toml`: this home's settings.

use std::net::SocketAddr;
use std::path::Path;

use myrhiza_kernel_api::{Kind, Registry};
use serde::{Deserialize, Serialize};
use url::Url;

use super::layout;
use crate::failure::{Failure, Outcome, code};
use crate::files::{self, Readers};
use crate::text;

const MAX_BYTES: usize = 64 << 10;
/// Longest value of a setting.
const VALUE_BYTES: usize = 4 << 10;

/// Every setting. What the file leaves out has the build's default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Config {
    /// The store that keeps this home.
    pub(crate) store: String,
    /// The engine that runs components.
    pub(crate) backend: String,
    /// How `up` reaches other nodes.
    pub(crate) transport: String,
    /// Where `up` listens for them: addresses with ports, with commas between; may be empty.
    pub(crate) listen: String,
    /// Relays that `up` is reached through: URLs, with commas between; may be empty.
    pub(crate) relays: String,
}

/// The names of the settings, in the file's order.
pub(crate) const KEYS: [&str; 5] = ["store", "backend", "transport", "listen", "relays"];

/// Where a node listens unless told otherwise: any free port, for this machine alone.
pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:0";

/// The parts of a setting that is a list.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty())
}

impl Config {
    /// The settings of a home, checked against the plug-ins of this build.
    pub(super) fn read(home: &Path, defaults: Config, registry: &Registry) -> Outcome<Self> {
        let path = layout::config(home);
        let bad = |cause: String, next: String| {
            Failure::usage(
                code::BAD_CONFIG,
                format!("{} was not taken", path.display()),
                cause,
                next,
            )
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
        let path = layout::config(home);
        let bad = |cause: String| {
            let what = format!("{} was not written", path.display());
            Failure::usage(code::BAD_CONFIG, what, cause, "give a simpler value")
        };
        let settings = toml::to_string(self).map_err(|error| bad(error.to_string()))?;
        let text = format!("# Settings of this home; docs/spec/home.md explains them.\n{settings}");
        // Without settings that can be read no command works, also none that would mend them.
        let read: Self = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if read != *self || text.len() > MAX_BYTES {
            return Err(bad("it could not be read back".into()));
        }
        files::write(&path, text.as_bytes(), Readers::Owner)
    }

    /// The relays, one by one.
    pub(crate) fn relay_urls(&self) -> Vec<String> {
        list(&self.relays).map(str::to_owned).collect()
    }

    /// A setting's value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        match key {
            "store" => Some(&self.store),
            "backend" => Some(&self.backend),
            "transport" => Some(&self.transport),
            "listen" => Some(&self.listen),
            "relays" => Some(&self.relays),
            _ => None,
        }
    }

    pub(super) fn setting(&mut self, key: &str) -> Option<&mut String> {
        match key {
            "store" => Some(&mut self.store),
            "backend" => Some(&mut self.backend),
            "transport" => Some(&mut self.transport),
            "listen" => Some(&mut self.listen),
            "relays" => Some(&mut self.relays),
            _ => None,
        }
    }
}

/// Refuses a value that this build has nothing for.
pub(super) fn check(registry: &Registry, key: &str, value: &str) -> Result<(), String> {
    if value.len() > VALUE_BYTES {
        return Err(format!("it has {} bytes, and may have {VALUE_BYTES}", value.len()));
    }
    if value.chars().any(text::is_unfit) {
        return Err(format!("`{}` has characters that are not seen", text::line(value)));
    }
    let kind = match key {
        "listen" => {
            let address = |part: &str| match part.parse::<SocketAddr>() {
                Ok(_) => Ok(()),
                Err(_) => {
                    Err(format!("`{part}` is no address with a port, such as {DEFAULT_LISTEN}"))
                }
            };
            return list(value).try_for_each(address);
        }
        "relays" => {
            let url = |part: &str| match Url::parse(part) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
                _ => Err(format!("`{part}` is no URL of a relay, such as https://relay.example")),
            };
            return list(value).try_for_each(url);
        }
        "store" => Kind::Store,
        "transport" => Kind::Transport,
        _ => Kind::Backend,
    };
    registry.get(kind, value).map(drop).map_err(|error| error.to_string())
}

/// `` `a`, `b` ``
pub(crate) fn listing(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

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
            check(registry, key, value).map_err(|Misfit { cause, next }| {
                bad(cause, next.unwrap_or_else(|| format!("write one of those as `{key}`")))
            })?;
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
        relay_urls(list(&self.relays))
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

/// Why a value cannot be a setting's.
pub(super) struct Misfit {
    pub(super) cause: String,
    /// What to do about it; `None` where the cause lists what there is.
    pub(super) next: Option<String>,
}

impl Misfit {
    fn new(cause: String, next: impl Into<String>) -> Self {
        Self { cause, next: Some(next.into()) }
    }
}

/// A value as it is kept, if this build has something for it.
pub(super) fn fitting(registry: &Registry, key: &str, value: &str) -> Result<String, Misfit> {
    check(registry, key, value)?;
    if key != "relays" {
        return Ok(value.to_owned());
    }
    let spelled = relay_urls(list(value)).join(",");
    // Some characters are longer in a URL.
    check(registry, key, &spelled)?;
    Ok(spelled)
}

/// Refuses a value that this build has nothing for.
fn check(registry: &Registry, key: &str, value: &str) -> Result<(), Misfit> {
    if value.len() > VALUE_BYTES {
        let cause = format!("it has {} bytes, and may have {VALUE_BYTES}", value.len());
        return Err(Misfit::new(cause, "give a shorter one"));
    }
    if value.chars().any(text::is_unfit) {
        let cause = format!("`{}` has characters that are not seen", text::line(value));
        return Err(Misfit::new(cause, "type it without them"));
    }
    let kind = match key {
        "listen" => return list(value).try_for_each(listens),
        "relays" => return list(value).try_for_each(|part| relay(part).map(drop)),
        "store" => Kind::Store,
        "transport" => Kind::Transport,
        _ => Kind::Backend,
    };
    let found = registry.get(kind, value).map(drop);
    found.map_err(|error| Misfit { cause: error.to_string(), next: None })
}

fn listens(part: &str) -> Result<(), Misfit> {
    part.parse::<SocketAddr>().map(drop).map_err(|_| {
        let cause = format!("`{part}` is no address with a port, such as {DEFAULT_LISTEN}");
        Misfit::new(cause, "write all of them as one word, with commas between")
    })
}

/// Relays in one spelling, each once. What is no URL stays as it is, for the transport to tell of.
pub(crate) fn relay_urls<'r>(given: impl Iterator<Item = &'r str>) -> Vec<String> {
    let mut urls = Vec::new();
    for part in given {
        let url = relay(part).unwrap_or_else(|_| part.to_owned());
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// A relay's URL in the one spelling it has here: two of one relay would be taken for two relays.
fn relay(part: &str) -> Result<String, Misfit> {
    let shown = text::start(part);
    let whole = "give the relay's whole address, such as https://relay.example; several of them as \
                 one word, with commas between";
    let is_bare = !part.contains("://");
    match Url::parse(part) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            let is_root = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            let text = url.as_str();
            let text = if is_root { text.strip_suffix('/').unwrap_or(text) } else { text };
            Ok(text.to_owned())
        }
        _ if is_bare && Url::parse(&format!("https://{part}")).is_ok() => Err(Misfit::new(
            format!("`{shown}` does not begin with https:// or http://"),
            format!("write it as https://{shown}, or with http:// if that is how it is served"),
        )),
        Ok(url) => {
            let cause = format!("`{shown}` is of the kind {}, not https or http", url.scheme());
            Err(Misfit::new(cause, whole))
        }
        Err(error) => Err(Misfit::new(format!("`{shown}` is no URL: {error}"), whole)),
    }
}

/// `` `a`, `b` ``
pub(crate) fn listing(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_relay_has_one_spelling() {
        let given = "https://Relay.example/, https://relay.example:443,http://127.0.0.1:3340/a/, \
                     https://relay.example,https://relay.example?/";
        let urls = relay_urls(list(given));
        let once =
            ["https://relay.example", "http://127.0.0.1:3340/a/", "https://relay.example/?/"];
        assert_eq!(urls, once);
        assert_eq!(relay_urls(urls.iter().map(String::as_str)), urls);
        assert_eq!(relay_urls(["foo", "foo"].into_iter()), ["foo"]);
    }

    #[test]
    fn what_is_wrong_with_a_relay_is_told_with_what_mends_it() {
        let told = |part: &str| {
            let Misfit { cause, next } = relay(part).unwrap_err();
            format!("{cause}; {}", next.unwrap())
        };
        for bare in ["relay.example", "relay.example:443", "127.0.0.1:3340", "localhost:80/a"] {
            assert!(told(bare).contains(&format!("write it as https://{bare},")), "{}", told(bare));
        }
        assert!(told("ftp://a").contains("of the kind ftp"), "{}", told("ftp://a"));
        for none in ["https://", "https://a b", "a b"] {
            assert!(told(none).contains("is no URL"), "{}", told(none));
        }
        assert!(told(&format!("https://a {}", "a".repeat(4_000))).len() < 400);
    }
}

//! `manifest.toml`, as an app's author writes it. Everything that is wrong with it is told at once,
//! each with its line and column and with the line to write instead.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::limits;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::capability::{Capabilities, Scope};
use super::manifest::{DRIFT_INTERVAL, KernelVersion, Manifest, Version};
use super::problem::{Problem, SourceError, SourceErrors, example, path_of};

/// A parsed `manifest.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What goes into the bundle.
    pub manifest: Manifest,
    /// For each profile, the file its component is in, relative to the manifest.
    pub files: BTreeMap<String, String>,
}

const TABLES: &[&str] = &["app", "kernel", "components", "capabilities", "authors", "drift"];

impl Source {
    /// Reads a `manifest.toml` for a kernel that has these profiles.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(bytes: &[u8], profiles: &[&str]) -> Result<Self, SourceErrors> {
        let at_start = |problem| SourceErrors(vec![SourceError { line: 1, column: 1, problem }]);
        if bytes.len() > limits::MANIFEST_BYTES {
            return Err(at_start(Problem::Size { bytes: bytes.len() }));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => {
                let (line, column) = position(bytes, e.valid_up_to());
                return Err(SourceErrors(vec![SourceError {
                    line,
                    column,
                    problem: Problem::Utf8,
                }]));
            }
        };
        let mut reader = Reader { bytes, errors: Vec::new(), places: BTreeMap::new() };
        match DeTable::parse(text) {
            Ok(root) => reader.source(root.get_ref(), profiles),
            Err(e) => {
                let offset = e.span().map_or(0, |span| span.start);
                reader.error(offset, Problem::Syntax(e.message().into()));
                Err(reader.finish())
            }
        }
    }
}

/// Line and column of a byte, both from 1.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let column =
        String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    (line, column)
}

struct Reader<'t> {
    bytes: &'t [u8],
    errors: Vec<(usize, Problem)>,
    /// Where each key that was read is.
    places: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn source(mut self, root: &DeTable<'_>, profiles: &[&str]) -> Result<Source, SourceErrors> {
        self.keys("", root, TABLES);
        let app = self.table(root, "app", true, &["id", "name", "version", "description"]);
        let name = self.text(app, "app.name", true);
        let version = self.version(app);
        let description = self.text(app, "app.description", false).unwrap_or_default();
        let id = self.text(app, "app.id", false).or_else(|| name.clone());

        let kernel = self.table(root, "kernel", true, &["major", "minor"]);
        let major = self.number(kernel, "kernel.major", true);
        let minor = self.number(kernel, "kernel.minor", true);

        let components = self.table(root, "components", true, &[]);
        let mut files = BTreeMap::new();
        for profile in components.into_iter().flat_map(DeTable::keys) {
            let path = format!("components.{}", profile.get_ref());
            if let Some(file) = self.text(components, &path, true) {
                files.insert(profile.get_ref().to_string(), file);
            }
        }

        let capabilities = self.capabilities(root);

        let policy = self.table(root, "authors", false, &[]);
        let mut authors = BTreeMap::new();
        for profile in policy.into_iter().flat_map(DeTable::keys) {
            let path = format!("authors.{}", profile.get_ref());
            if let Some(variants) = self.variants(policy, &path) {
                authors.insert(profile.get_ref().to_string(), variants);
            }
        }

        let drift = self.table(root, "drift", false, &["interval"]);
        let drift_interval = self.number(drift, "drift.interval", drift.is_some());

        let (Some(id), Some(name), Some(version), Some(major), Some(minor)) =
            (id, name, version, major, minor)
        else {
            return Err(self.finish());
        };
        let manifest = Manifest {
            id,
            name,
            version,
            description,
            kernel: KernelVersion { major, minor },
            profiles: components
                .into_iter()
                .flat_map(DeTable::keys)
                .map(|profile| profile.get_ref().to_string())
                .collect(),
            capabilities,
            authors,
            drift_interval: drift_interval.unwrap_or(DRIFT_INTERVAL),
        };
        for broken in manifest.broken(profiles) {
            let offset = self.place(&path_of(&broken));
            self.error(offset, Problem::Broken { broken });
        }
        if self.errors.is_empty() { Ok(Source { manifest, files }) } else { Err(self.finish()) }
    }

    fn capabilities(&mut self, root: &DeTable<'_>) -> Capabilities {
        let table = self.table(root, "capabilities", false, &[]);
        let mut all = Capabilities::default();
        for name in table.into_iter().flat_map(DeTable::keys) {
            let key = name.get_ref();
            let Some(scope) = Scope::of(key) else {
                let problem = Problem::Capability { name: key.to_string() };
                self.error(name.span().start, problem);
                continue;
            };
            if let Some(scopes) = self.scopes(table, &format!("capabilities.{key}"), scope) {
                all.0.insert(key.to_string(), scopes);
            }
        }
        all
    }

    /// `true`, or a list of texts.
    fn scopes(
        &mut self,
        table: Option<&DeTable<'_>>,
        path: &str,
        scope: Scope,
    ) -> Option<BTreeSet<String>> {
        let value = self.value(table, path, last(path), true)?;
        let text = |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
        let scopes = match (scope, value.get_ref()) {
            (Scope::Whole, DeValue::Boolean(true)) => Some(BTreeSet::new()),
            (Scope::Kinds | Scope::Origins, DeValue::Array(items)) => {
                items.iter().map(text).collect()
            }
            _ => None,
        };
        if scopes.is_none() {
            self.wrong(value.span().start, path, scope.wants(), kind(value.get_ref()));
        }
        scopes
    }

    /// The table of that name, its keys checked where it has a fixed set of them.
    fn table<'a>(
        &mut self,
        root: &'a DeTable<'_>,
        name: &str,
        required: bool,
        known: &[&str],
    ) -> Option<&'a DeTable<'a>> {
        let value = self.value(Some(root), name, name, required)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                if !known.is_empty() {
                    self.keys(name, table, known);
                }
                Some(table)
            }
            other => {
                self.wrong(value.span().start, name, "a table", kind(other));
                None
            }
        }
    }

    /// Complains of every key that is not known.
    fn keys(&mut self, table: &str, found: &DeTable<'_>, known: &[&str]) {
        for key in found.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let dot = if table.is_empty() { "" } else { "." };
            let problem = Problem::Key {
                path: format!("{table}{dot}{}", key.get_ref()),
                known: known.iter().map(|known| format!("{table}{dot}{known}")).collect(),
            };
            self.error(key.span().start, problem);
        }
    }

    /// The value of a key; the last part of `path` is the key.
    fn value<'a, 'i>(
        &mut self,
        table: Option<&'a DeTable<'i>>,
        path: &str,
        key: &str,
        required: bool,
    ) -> Option<&'a Spanned<DeValue<'i>>> {
        let table = table?;
        match table.get_key_value(key) {
            Some((name, value)) => {
                self.places.insert(path.into(), name.span().start);
                Some(value)
            }
            None if required => {
                let problem = Problem::Missing { path: path.into(), write: example(path) };
                let offset = self.place(path);
                self.error(offset, problem);
                None
            }
            None => None,
        }
    }

    fn text(&mut self, table: Option<&DeTable<'_>>, path: &str, required: bool) -> Option<String> {
        let value = self.value(table, path, last(path), required)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            other => {
                self.wrong(value.span().start, path, "text", kind(other));
                None
            }
        }
    }

    fn version(&mut self, app: Option<&DeTable<'_>>) -> Option<Version> {
        let text = self.text(app, "app.version", true)?;
        let version = text.parse().ok();
        if version.is_none() {
            let offset = self.place("app.version");
            self.wrong(offset, "app.version", "three numbers with dots", format!("{text:?}"));
        }
        version
    }

    fn number(&mut self, table: Option<&DeTable<'_>>, path: &str, required: bool) -> Option<u32> {
        let value = self.value(table, path, last(path), required)?;
        let number = as_u32(value.get_ref());
        if number.is_none() {
            self.wrong(value.span().start, path, NUMBER, shown(value.get_ref()));
        }
        number
    }

    fn variants(&mut self, policy: Option<&DeTable<'_>>, path: &str) -> Option<BTreeSet<u32>> {
        let value = self.value(policy, path, last(path), true)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value.span().start, path, "a list of variants", kind(value.get_ref()));
            return None;
        };
        let mut variants = BTreeSet::new();
        for item in items.iter() {
            match as_u32(item.get_ref()) {
                Some(variant) => {
                    variants.insert(variant);
                }
                None => self.wrong(item.span().start, path, LIST, shown(item.get_ref())),
            }
        }
        Some(variants)
    }

    /// Where a key is, or the table it would be in, or the start.
    fn place(&self, path: &str) -> usize {
        let table = path.split('.').next().unwrap_or_default();
        self.places.get(path).or_else(|| self.places.get(table)).copied().unwrap_or(0)
    }

    fn wrong(&mut self, offset: usize, path: &str, wants: &'static str, found: impl Into<String>) {
        let (path, found) = (path.to_owned(), found.into());
        let write = example(&path);
        self.error(offset, Problem::Value { path, wants, found, write });
    }

    fn error(&mut self, offset: usize, problem: Problem) {
        self.errors.push((offset, problem));
    }

    fn finish(mut self) -> SourceErrors {
        self.errors.sort_by_key(|(offset, _)| *offset);
        let errors = self.errors.into_iter().map(|(offset, problem)| {
            let (line, column) = position(self.bytes, offset);
            SourceError { line, column, problem }
        });
        SourceErrors(errors.collect())
    }
}

const NUMBER: &str = "a whole number from 0 to 4294967295";
const LIST: &str = "a list of whole numbers from 0 to 4294967295";

/// Profile names have no dots of their own, and a key that has is refused by its whole name.
fn last(path: &str) -> &str {
    path.split_once('.').map_or(path, |(_, key)| key)
}

fn as_u32(value: &DeValue<'_>) -> Option<u32> {
    let number: &DeInteger<'_> = value.as_integer()?;
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => number.to_string(),
        other => kind(other).into(),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

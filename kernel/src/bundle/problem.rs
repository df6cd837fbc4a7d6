//! What can be wrong with a `manifest.toml`, in words, with the line to write instead.

use std::fmt;

use myrhiza_kernel_api::limits;

use super::capability::{CAPABILITIES, Scope};
use super::manifest::{Broken, DRIFT_INTERVAL, FOLDING_PROFILE, KERNEL, listing};

/// Everything that is wrong with a `manifest.toml`, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SourceErrors(pub Vec<SourceError>);

impl fmt::Display for SourceErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("manifest.toml:{line}:{column}: {problem}")]
pub struct SourceError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong at a place of a `manifest.toml`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// More bytes than a manifest may have.
    #[error("the manifest is {bytes} bytes, and may be {}", limits::MANIFEST_BYTES)]
    Size {
        /// How many.
        bytes: usize,
    },
    /// Not text.
    #[error("the manifest is not UTF-8; save it as UTF-8")]
    Utf8,
    /// Not TOML.
    #[error("this is not TOML: {0}")]
    Syntax(String),
    /// A key the table does not have.
    #[error("there is no `{path}`; there {}", listing(.known))]
    Key {
        /// Table and key.
        path: String,
        /// The keys or tables there are.
        known: Vec<String>,
    },
    /// A capability this kernel does not have.
    #[error(
        "there is no capability `{name}`; there {}; what its profile always permits a component needs no declaration, so remove the line",
        listing(CAPABILITIES)
    )]
    Capability {
        /// The name.
        name: String,
    },
    /// A key that must be there.
    #[error("`{path}` is missing; write `{write}`")]
    Missing {
        /// Table and key.
        path: String,
        /// The line to write.
        write: String,
    },
    /// A value of another type or out of range.
    #[error("`{path}` is {wants}, not {found}; write `{write}`")]
    Value {
        /// Table and key.
        path: String,
        /// What it should be.
        wants: &'static str,
        /// What it is.
        found: String,
        /// The line to write.
        write: String,
    },
    /// A rule of every manifest.
    #[error("{broken}{}", hint(.broken))]
    Broken {
        /// The rule.
        broken: Broken,
    },
}

fn hint(broken: &Broken) -> String {
    match broken {
        Broken::NoFold | Broken::Kernel { .. } | Broken::Scope { .. } => {
            format!("; write `{}`", example(&path_of(broken)))
        }
        Broken::NoComponent { name } => {
            format!("; write `{}` under [components]", example(&format!("components.{name}")))
        }
        _ => String::new(),
    }
}

/// The key a rule is about.
pub(super) fn path_of(broken: &Broken) -> String {
    match broken {
        Broken::Name { what } => (*what).into(),
        Broken::Description => "app.description".into(),
        Broken::Kernel { wants } if wants.major != KERNEL.major => "kernel.major".into(),
        Broken::Kernel { .. } => "kernel.minor".into(),
        Broken::Profile { name, .. } => format!("components.{name}"),
        Broken::NoFold => format!("components.{FOLDING_PROFILE}"),
        Broken::Capability { name } | Broken::Scope { name, .. } => format!("capabilities.{name}"),
        Broken::NoAuthor { name } | Broken::NoComponent { name } => format!("authors.{name}"),
        Broken::Drift => "drift.interval".into(),
    }
}

/// A line that would be right.
pub(super) fn example(path: &str) -> String {
    match path {
        "app.id" | "app.name" => {
            format!("{} = \"counter\"", path.trim_start_matches("app."))
        }
        "app.version" => "version = \"1.0.0\"".into(),
        "app.description" => "description = \"Counts.\"".into(),
        "kernel.major" => format!("major = {}", KERNEL.major),
        "kernel.minor" => format!("minor = {}", KERNEL.minor),
        "drift.interval" => format!("interval = {DRIFT_INTERVAL}"),
        path => match path.split_once('.') {
            Some(("components", profile)) => format!("{profile} = \"{profile}.wasm\""),
            Some(("capabilities", name)) => {
                format!("{name} = {}", Scope::of(name).map_or("true", Scope::example))
            }
            Some(("authors", profile)) => format!("{profile} = [0, 1]"),
            _ => format!("[{path}]"),
        },
    }
}

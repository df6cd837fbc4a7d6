//! What a bundle says of itself, parsed, and the rules every manifest holds whichever way it came:
//! from an author's `manifest.toml` or from a bundle somebody sent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use myrhiza_kernel_api::{LineageId, PublicKey, limits};

use super::capability::{CAPABILITIES, Capabilities, Scope};
use crate::hash::{Context, derive};

/// The kernel version manifests are written for: the major and minor of `myrhiza:kernel`.
pub const KERNEL: KernelVersion = KernelVersion { major: 1, minor: 0 };
/// The component every app has.
pub const FOLDING_PROFILE: &str = "state-apply";
/// The component that brings the state an earlier version left into the shape of its own.
pub const MIGRATING_PROFILE: &str = "migrate";
/// The profiles whose components make events.
pub const AUTHORING_PROFILES: &[&str] = &["state-propose"];
/// Events between two anchors where the manifest does not say.
pub const DRIFT_INTERVAL: u32 = 1024;

/// A manifest, without its author: that is whoever signs the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The app's name for itself through all its versions; its lineage is this and its author.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// This version.
    pub version: Version,
    /// What it is, for people; may be empty.
    pub description: String,
    /// The kernel it needs: this major, at least this minor.
    pub kernel: KernelVersion,
    /// The profiles it has a component for.
    pub profiles: BTreeSet<String>,
    /// What it asks for beyond what its profiles permit.
    pub capabilities: Capabilities,
    /// The payload variants each profile may author. A profile that is not named may author any.
    pub authors: BTreeMap<String, BTreeSet<u32>>,
    /// Events between two anchors at which peers compare roots.
    pub drift_interval: u32,
}

/// `major.minor.patch`, compared in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

/// A version of the kernel's interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub struct KernelVersion {
    pub major: u32,
    pub minor: u32,
}

/// A rule a manifest breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// A name is empty, too long, or holds what people cannot see.
    #[error(
        "`{what}` is 1 to {} bytes of visible text, without control or invisible characters or spaces at its ends",
        limits::NAME_BYTES
    )]
    Name {
        /// `app.id` or `app.name`.
        what: &'static str,
    },
    /// The description is too long or holds control characters.
    #[error(
        "`app.description` is at most {} bytes of text, without control characters other than line breaks",
        limits::DESCRIPTION_BYTES
    )]
    Description,
    /// Made for another kernel.
    #[error("it is written for kernel {wants}, and this is kernel {KERNEL}; {}", if .wants > &KERNEL { "update Myrhiza" } else { "ask its author for a bundle for this kernel" })]
    Kernel {
        /// What it is written for.
        wants: KernelVersion,
    },
    /// A profile this kernel does not have.
    #[error("there is no profile `{name}`; there {}", listing(.known))]
    Profile {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// No component folds events.
    #[error("`components` names no `{FOLDING_PROFILE}`, and without it no event has an effect")]
    NoFold,
    /// A capability this kernel does not have.
    #[error("there is no capability `{name}`; there {}", listing(CAPABILITIES))]
    Capability {
        /// The name.
        name: String,
    },
    /// A capability's scopes are not what they have to be.
    #[error(
        "`capabilities.{name}` is {}, at most {} of {} bytes each",
        .scope.wants(), limits::CAPABILITY_SCOPES, limits::SCOPE_BYTES
    )]
    Scope {
        /// The capability.
        name: String,
        /// What scopes it.
        scope: Scope,
    },
    /// An author policy for a profile that makes no events.
    #[error("`authors` names `{name}`, which authors no events; profiles that do: {}", AUTHORING_PROFILES.join(", "))]
    NoAuthor {
        /// The profile.
        name: String,
    },
    /// An author policy for a component the bundle does not have.
    #[error("`authors` names `{name}`, and `components` does not")]
    NoComponent {
        /// The profile.
        name: String,
    },
    /// A drift interval of zero.
    #[error("`drift.interval` is at least 1; {DRIFT_INTERVAL} is usual")]
    Drift,
}

impl Manifest {
    /// Everything that is wrong with it, for a kernel that has these profiles.
    pub fn broken(&self, profiles: &[&str]) -> Vec<Broken> {
        let mut broken = Vec::new();
        for (what, text) in [("app.id", &self.id), ("app.name", &self.name)] {
            if !is_name(text) {
                broken.push(Broken::Name { what });
            }
        }
        if !is_description(&self.description) {
            broken.push(Broken::Description);
        }
        if self.kernel.major != KERNEL.major || self.kernel.minor > KERNEL.minor {
            broken.push(Broken::Kernel { wants: self.kernel });
        }
        for name in self.profiles.iter().filter(|name| !profiles.contains(&name.as_str())) {
            let known = profiles.iter().map(|known| (*known).into()).collect();
            broken.push(Broken::Profile { name: name.clone(), known });
        }
        if !self.profiles.contains(FOLDING_PROFILE) {
            broken.push(Broken::NoFold);
        }
        broken.extend(self.capabilities.wrong().map(|(name, scope)| match scope {
            None => Broken::Capability { name: name.into() },
            Some(scope) => Broken::Scope { name: name.into(), scope },
        }));
        for name in self.authors.keys() {
            if !AUTHORING_PROFILES.contains(&name.as_str()) {
                broken.push(Broken::NoAuthor { name: name.clone() });
            } else if !self.profiles.contains(name) {
                broken.push(Broken::NoComponent { name: name.clone() });
            }
        }
        if self.drift_interval == 0 {
            broken.push(Broken::Drift);
        }
        broken
    }

    /// The identity of the app through its versions: it changes with the name it gives itself and
    /// with its author, and with nothing else.
    pub fn lineage(&self, author: &PublicKey) -> LineageId {
        LineageId(derive(Context::LineageId, &[self.id.as_bytes(), author.as_bytes()]).0)
    }

    /// Whether an event with this payload variant may come from that profile.
    pub fn may_author(&self, profile: &str, variant: u32) -> bool {
        AUTHORING_PROFILES.contains(&profile)
            && self.authors.get(profile).is_none_or(|variants| variants.contains(&variant))
    }
}

/// Text people can tell apart by looking: no control characters, nothing invisible, nothing that
/// turns the direction of what follows.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=limits::NAME_BYTES).contains(&text.len())
        && text.trim() == text
        && !text.chars().any(|c| c.is_control() || is_invisible(c))
}

/// Whether nothing of a text is seen: spaces, and letters and marks that have no ink of their own.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || is_invisible(c)
            || matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
    })
}

fn is_description(text: &str) -> bool {
    text.len() <= limits::DESCRIPTION_BYTES
        && !text.chars().any(|c| (c.is_control() && c != '\n') || is_invisible(c))
}

/// Format characters of Unicode's general punctuation block, and their like elsewhere.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `are a, b`, for the end of an error.
pub(super) fn listing<S: AsRef<str>>(known: &[S]) -> String {
    match known {
        [] => "is none".into(),
        [one] => format!("is `{}`", one.as_ref()),
        many => {
            let names: Vec<_> = many.iter().map(|name| format!("`{}`", name.as_ref())).collect();
            format!("are {}", names.join(", "))
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The text is not `major.minor.patch`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is three numbers, such as \"1.0.0\"")]
pub struct ParseVersionError;

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let number = |part: &str| match part.as_bytes() {
            [b'0', _, ..] => None,
            digits if digits.iter().all(u8::is_ascii_digit) => part.parse().ok(),
            _ => None,
        };
        let parts: Option<Vec<u32>> = text.split('.').map(number).collect();
        match parts.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(ParseVersionError),
        }
    }
}

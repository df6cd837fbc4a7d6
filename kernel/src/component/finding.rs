//! What admission has to say against a component, for the person who must mend it.

use std::fmt;

use serde::Serialize;

/// Most findings of one report; what is beyond is counted, not listed.
const MOST: usize = 64;

/// The rule a finding is about. Serialises as its lower-case name, which is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rule {
    /// The bytes are no valid component.
    Structure,
    /// Something is larger or more numerous than admitted.
    Size,
    /// An import is not permitted, or has another type than the kernel's.
    Imports,
    /// An export the profile names is missing or has another type, or there are others.
    Exports,
    /// A float instruction or type where results must be the same on every machine.
    Float,
    /// An instruction or type outside the admitted feature list.
    Feature,
    /// The memory or a table is missing, too large, or set up wrongly.
    Memory,
    /// Valid, but nothing the instrumentation knows how to meter.
    Unsupported,
    /// The manifest of its bundle breaks a rule, or is not for this kernel.
    Manifest,
    /// The bundle is not as its author signed it, or nobody did.
    Signature,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Structure => "structure",
            Self::Size => "size",
            Self::Imports => "imports",
            Self::Exports => "exports",
            Self::Float => "float",
            Self::Feature => "feature",
            Self::Memory => "memory",
            Self::Unsupported => "unsupported",
            Self::Manifest => "manifest",
            Self::Signature => "signature",
        })
    }
}

/// One thing that is wrong with a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The profile it was judged under; empty if under none.
    pub profile: String,
    /// Which import, export, function or instruction.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong, why it matters, what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, place, message) = (self.rule, &self.place, &self.message);
        if *place == format!("the {rule}") {
            return write!(f, "{rule}: {message}");
        }
        write!(f, "{rule}: {place}: {message}")
    }
}

/// Everything that is wrong with a component; never empty where it is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings(pub Vec<Finding>);

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the component is not admitted")?;
        self.0.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

impl std::error::Error for Findings {}

/// Collects findings under one profile.
pub(super) struct Report {
    profile: String,
    findings: Vec<Finding>,
    unlisted: usize,
}

impl Report {
    pub(super) fn new(profile: &str) -> Self {
        Self { profile: profile.into(), findings: Vec::new(), unlisted: 0 }
    }

    pub(super) fn push(
        &mut self,
        rule: Rule,
        place: impl Into<String>,
        message: impl Into<String>,
    ) {
        if self.findings.len() < MOST {
            let (place, message) = (place.into(), message.into());
            self.findings.push(Finding { rule, profile: self.profile.clone(), place, message });
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn structure(&mut self, error: &wasmparser::Error) {
        self.push(
            Rule::Structure,
            format!("byte {:#x}", error.offset()),
            format!("{}; build the component again", error.message()),
        );
    }

    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn into_findings(mut self) -> Findings {
        if self.unlisted > 0 {
            let (rule, profile) = (Rule::Size, self.profile);
            let message =
                format!("{} more findings are not listed; mend these first", self.unlisted);
            self.findings.push(Finding { rule, profile, place: "the component".into(), message });
        }
        Findings(self.findings)
    }
}

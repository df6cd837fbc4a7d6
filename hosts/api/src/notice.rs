use myrhiza_kernel::node::Told;
use myrhiza_kernel::runtime::Change;
use serde::Serialize;

use crate::error::meaning;

/// Something that happened, for whoever shows this home: what to read again, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields' names say it; ids are hex")]
pub enum Notice {
    /// The host tells from here on. What was before is to be read.
    Here {},
    /// A topic has other events, or another state, or is new or gone.
    Topic { topic: String, change: &'static str },
    /// Connections have changed, or what is exchanged over them.
    Peers {},
    /// How far the exchange of a topic is.
    Progress { topic: String, known: u64, total: u64 },
    /// How much of a bundle is here.
    Fetch { bundle: String, bytes: u64, total: u64 },
    /// A bundle waits for the user's word.
    Offer { bundle: String },
    /// The author of an installed app has withdrawn it.
    Withdrawn { bundle: String, name: String, reason: String },
    /// Somebody has another state than this home.
    Drift { topic: String },
    /// This home could not do something.
    Fault { code: &'static str, what: String, cause: String, next: &'static str },
}

impl Notice {
    /// What a user is told of it, if anything.
    pub fn of(told: &Told) -> Option<Self> {
        Some(match told {
            Told::Connected { .. }
            | Told::Disconnected { .. }
            | Told::Shared { .. }
            | Told::Denied { .. }
            | Told::Complete { .. } => Self::Peers {},
            Told::Progress { topic, known, total, .. } => {
                Self::Progress { topic: topic.to_string(), known: *known, total: *total }
            }
            Told::Fetching { bundle, bytes, total } => {
                Self::Fetch { bundle: bundle.to_string(), bytes: *bytes, total: *total }
            }
            Told::Offered { bundle } => Self::Offer { bundle: bundle.to_string() },
            Told::Withdrawn { bundle, name, reason } => Self::Withdrawn {
                bundle: bundle.to_string(),
                name: name.clone(),
                reason: reason.clone(),
            },
            Told::Drift { topic, .. } => Self::Drift { topic: topic.to_string() },
            Told::Changed { topic, change } => {
                Self::Topic { topic: topic.to_string(), change: word(change) }
            }
            Told::Fault { what, error } => {
                let (code, next) = meaning(error);
                Self::Fault { code, what: (*what).into(), cause: error.to_string(), next }
            }
            _ => return None,
        })
    }

    /// As one line of JSON, with its end.
    pub fn to_line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

const fn word(change: &Change) -> &'static str {
    match change {
        Change::Events(_) | Change::Much => "events",
        Change::Entered => "entered",
        Change::Left => "left",
    }
}

use std::borrow::Cow;

use myrhiza_kernel::event::BodyError;
use myrhiza_kernel::fault::Fault;
use myrhiza_kernel::runtime::{RuntimeError, Subject};
use myrhiza_kernel_api::StoreError;
use serde::Serialize;

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    /// For programs; stable.
    pub code: Cow<'static, str>,
    /// What was not done.
    pub what: String,
    /// Why.
    pub cause: String,
    /// What a person at the shell can do about it.
    pub next: String,
}

impl Error {
    /// The code where something is done with a topic that takes long, and it can be asked again.
    pub const BUSY: &'static str = "busy";

    /// The code where an app has failed at what it was to do or to show.
    pub const APP_FAILED: &'static str = "app-failed";

    /// One with these words.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        what: impl Into<String>,
        cause: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self { code: code.into(), what: what.into(), cause: cause.into(), next: next.into() }
    }

    /// Where a request is not one.
    pub fn bad_request(cause: &serde_json::Error) -> Self {
        let next = "load the page again; if this stays, page and host are of two versions";
        Self::new("bad-request", "nothing was done", cause.to_string(), next)
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What did not happen, and why the kernel says so.
pub(crate) fn told(what: impl Into<String>) -> impl FnOnce(RuntimeError) -> Error {
    let what = what.into();
    move |error| {
        let (code, next) = meaning(&error);
        Error::new(code, what, error.to_string(), next)
    }
}

/// The code of an error, and the next step.
pub(crate) fn meaning(error: &RuntimeError) -> (&'static str, &'static str) {
    match error {
        RuntimeError::Fault(Fault::Store(StoreError::Full { .. })) => {
            ("disk-full", "free some space and try again; what was done before is kept")
        }
        RuntimeError::Fault(Fault::Store(_)) => {
            ("store", "see under Journal what this home met, and start it again")
        }
        RuntimeError::Fault(Fault::Backend(_)) => ("backend", "nothing was decided: try again"),
        RuntimeError::Fault(_) => (
            "home-damaged",
            "make a new home and bring its topics in, from other members or from exports",
        ),
        RuntimeError::NoTopic { .. } => ("not-found", "choose one of the topics that are listed"),
        RuntimeError::NoEvent { .. } => ("not-found", "choose one of the events that are listed"),
        RuntimeError::NotInstalled { .. } => (
            "not-installed",
            "install the app under Apps: from a file, or once a peer has given it",
        ),
        RuntimeError::Waits { .. } => (
            "waits",
            "agree to the new version under Apps, once a peer has given it; until then the topic is \
             shown as it was before",
        ),
        RuntimeError::Busy { .. } => (
            Error::BUSY,
            "wait until that is done: it goes on by itself, and what is shown is read again then",
        ),
        RuntimeError::HaveTopic { .. } => ("have-topic", "open the one that is there"),
        RuntimeError::Named { .. } => ("named", "leave the name empty"),
        RuntimeError::NameTaken { .. } | RuntimeError::Name { .. } => {
            ("bad-name", "give another name")
        }
        RuntimeError::Install(_) => {
            ("not-admitted", "ask its author for a bundle without these faults")
        }
        RuntimeError::InUse { .. } => ("in-use", "leave the topics that need it first"),
        RuntimeError::NoComponent { .. } => {
            ("no-component", "look at its log and its state instead, or use an app that has one")
        }
        RuntimeError::HasPropose { .. } => ("has-propose", "use what the app shows"),
        RuntimeError::Refused(_) | RuntimeError::NotAccepted(_) => {
            ("refused", "see in the topic what can be done now")
        }
        RuntimeError::Trapped { .. } => {
            (Error::APP_FAILED, "look at its history and state instead, and tell the app's author")
        }
        RuntimeError::NotAsked => ("not-asked", "see in the topic what can be done now"),
        RuntimeError::NoAnswer => ("no-answer", "answer it in another way, or not at all"),
        RuntimeError::NotAMember { .. } => ("not-a-member", "join with a ticket of a member"),
        RuntimeError::Behind { .. } => {
            ("behind", "wait until it has come from who was there, or ask them for an export")
        }
        RuntimeError::Ticket(_) => ("no-ticket", "ask somebody who may invite"),
        RuntimeError::BadInput { what: Subject::Ticket, .. } => {
            ("bad-input", "ask whoever sent the ticket for a new one")
        }
        RuntimeError::BadInput { what: Subject::Bundle, .. } => {
            ("bad-input", "choose a later version of the topic's app")
        }
        RuntimeError::UpdateNeeded { .. } => ("update-needed", "update Myrhiza"),
        RuntimeError::Body(BodyError::Payload(_)) => ("too-large", "make it smaller"),
        RuntimeError::BadInput { .. } | RuntimeError::Body(_) => {
            ("bad-input", "wait until the topic is up to date, and try again")
        }
        _ => ("bad-input", "check what was given"),
    }
}

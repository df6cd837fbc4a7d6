//! The installed apps, and what their authors say of them.

use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{Runtime, RuntimeError, Standing, Withdrawn};
use myrhiza_kernel_api::BundleId;
use serde::Serialize;

use crate::error::told;
use crate::{Answer, Desk, Error};

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// Why, for people.
    pub reason: String,
    /// The bundle to go on with.
    pub successor: Option<String>,
    /// When, as the author claims: milliseconds since 1970.
    pub at: u64,
}

impl From<Withdrawn> for Revoked {
    fn from(withdrawn: Withdrawn) -> Self {
        let Withdrawn { reason, successor, at_ms, .. } = withdrawn;
        Self { reason, successor: successor.map(|bundle| bundle.to_string()), at: at_ms }
    }
}

/// What an author says of a bundle, and its user makes of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word {
    /// It was revoked.
    pub revoked: Option<Revoked>,
    /// The user keeps to it.
    pub pinned: bool,
    /// The author's last word, in milliseconds since 1970.
    pub as_of: Option<u64>,
}

impl Word {
    /// By what this home has heard. `now_ms`: milliseconds since 1970.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn on(runtime: &Runtime, bundle: &Bundle, now_ms: u64) -> Result<Self, RuntimeError> {
        let Standing { withdrawn, as_of_ms, pinned } =
            runtime.standing(bundle.id(), bundle.author(), now_ms)?;
        Ok(Self { revoked: withdrawn.map(Revoked::from), pinned, as_of: as_of_ms })
    }
}

/// An installed app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its bundle.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Which version.
    pub version: String,
    /// Who signed it.
    pub author: String,
    /// The same for people.
    pub author_name: String,
    /// What its author says of it.
    pub description: String,
    /// And of whether to go on with it.
    #[serde(flatten)]
    pub word: Word,
}

impl Shown {
    /// Of a bundle. `now_ms`: milliseconds since 1970.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn of(runtime: &Runtime, bundle: &Bundle, now_ms: u64) -> Result<Self, RuntimeError> {
        let manifest = bundle.manifest();
        Ok(Self {
            id: bundle.id().to_string(),
            name: manifest.name.clone(),
            version: manifest.version.to_string(),
            author: bundle.author().to_string(),
            author_name: names::person(&bundle.author()),
            description: manifest.description.clone(),
            word: Word::on(runtime, bundle, now_ms)?,
        })
    }
}

/// An app in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Short {
    /// Its bundle.
    pub bundle: String,
    /// What it is called.
    pub name: String,
    /// Which version.
    pub version: String,
}

impl From<&Bundle> for Short {
    fn from(bundle: &Bundle) -> Self {
        let manifest = bundle.manifest();
        Self {
            bundle: bundle.id().to_string(),
            name: manifest.name.clone(),
            version: manifest.version.to_string(),
        }
    }
}

pub(crate) fn answer(desk: &Desk<'_, '_>) -> Result<Answer, Error> {
    let (runtime, now_ms) = (desk.runtime(), desk.ambient.now_ms);
    let all = || -> Result<Vec<_>, RuntimeError> {
        runtime.apps()?.iter().map(|bundle| Shown::of(runtime, bundle, now_ms)).collect()
    };
    all().map(Answer::Apps).map_err(told("the apps were not read"))
}

pub(crate) fn pin(desk: &mut Desk<'_, '_>, bundle: BundleId) -> Result<Answer, Error> {
    desk.seat.runtime.pin(bundle).map_err(told("the app was not pinned"))?;
    Ok(Answer::Done {})
}

pub(crate) fn uninstall(desk: &mut Desk<'_, '_>, bundle: BundleId) -> Result<Answer, Error> {
    desk.seat.runtime.uninstall(bundle).map_err(told("the app was not removed"))?;
    Ok(Answer::Done {})
}

/// Refuses to bring others to a bundle that is revoked and that the user has not pinned.
pub(crate) fn refuse(desk: &Desk<'_, '_>, bundle: BundleId, what: &str) -> Result<(), Error> {
    let open = desk.runtime().withdrawn_apps().map_err(told("what authors say was not read"))?;
    match open.into_iter().find(|(app, _)| app.id() == bundle) {
        None => Ok(()),
        Some((_, word)) => Err(Error::new(
            "revoked",
            what,
            format!("its author has withdrawn the app: {}", word.reason),
            "take a version that is not withdrawn; or keep to this one under Apps",
        )),
    }
}

//! What installing a bundle would mean. A plan is data: the person sees it and decides, and only
//! then does the runtime write anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use myrhiza_kernel_api::{BundleId, LineageId, PublicKey};

use super::ability::Ability;
use super::file::Bundle;
use super::inspect::{self, Policy, judge, of_manifest};
use super::manifest::Version;
use crate::component::{Admitted, Finding};
use crate::identity::names;

/// A bundle that is installed already, as far as plans look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its id.
    pub bundle: BundleId,
    /// The app.
    pub lineage: LineageId,
    /// Who signed it.
    pub author: PublicKey,
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What it may do.
    pub abilities: BTreeSet<Ability>,
}

impl From<&Bundle> for Installed {
    fn from(bundle: &Bundle) -> Self {
        Self {
            bundle: bundle.id(),
            lineage: bundle.lineage(),
            author: bundle.author(),
            name: bundle.manifest().name.clone(),
            version: bundle.manifest().version,
            abilities: Ability::all(bundle.components(), &bundle.manifest().capabilities),
        }
    }
}

/// What would be installed, and what the person must know of it.
#[derive(Debug)]
pub struct InstallPlan {
    /// What it is.
    pub app: Installed,
    /// What its author says of it.
    pub description: String,
    /// Whether something by this author is installed.
    pub author_is_known: bool,
    /// The greatest installed version of the app that is below this one.
    pub previous: Option<Version>,
    /// What it may do and the previous version may not; without one, everything.
    pub added: BTreeSet<Ability>,
    /// What the previous version may do and it may not.
    pub removed: BTreeSet<Ability>,
    /// What should make one stop and think.
    pub notices: Vec<Notice>,
    /// The components, instrumented, by profile.
    pub components: BTreeMap<String, Admitted>,
}

/// Something about an install that is unusual. It is shown, and the person decides: bundles lie
/// beside each other, so an older one takes nothing away, and a topic may need it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// It is installed.
    AlreadyInstalled,
    /// A later version of the app is installed.
    Older {
        /// The latest.
        installed: Version,
    },
    /// Another bundle of the app with the same version is installed.
    SameVersion {
        /// That bundle.
        installed: BundleId,
    },
    /// The app had another name.
    Renamed {
        /// What it was called.
        from: String,
    },
    /// An installed app of the same name is another app.
    NameOfAnother {
        /// Who signed that one.
        author: PublicKey,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::AlreadyInstalled => write!(f, "it is installed already"),
            Notice::Older { installed } => {
                write!(f, "it is older than version {installed}, which is installed and stays")
            }
            Notice::SameVersion { installed } => {
                write!(f, "bundle {installed} of the same version is installed and differs from it")
            }
            Notice::Renamed { from } => write!(f, "the app was called `{from}`"),
            Notice::NameOfAnother { author } => {
                let author = names::person(author);
                write!(f, "an app of this name by {author} is installed, and this is another app")
            }
        }
    }
}

/// Why a bundle cannot be installed, whoever wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The app's name.
    pub name: String,
    /// Every reason.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be installed; its author must mend it", self.name)?;
        for finding in &self.findings {
            let profile = if finding.profile.is_empty() { "bundle" } else { &finding.profile };
            write!(f, "\n  {profile}: {finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

impl InstallPlan {
    /// Plans the install of a bundle beside those that are installed, for a kernel that has these
    /// profiles.
    ///
    /// # Errors
    /// [`Refusal`] where a rule of the manifest is broken or a component is not admitted.
    pub fn new(
        bundle: &Bundle,
        installed: &[Installed],
        policies: &[Policy],
    ) -> Result<Self, Refusal> {
        let manifest = bundle.manifest();
        let mut findings: Vec<_> =
            manifest.broken(&inspect::names(policies)).iter().map(of_manifest).collect();
        let mut components = BTreeMap::new();
        for (profile, bytes) in bundle.components() {
            match judge(profile, bytes, policies, Some(&manifest.capabilities)) {
                Ok(admitted) => components.extend(admitted.map(|a| (profile.clone(), a))),
                Err(more) => findings.extend(more),
            }
        }
        if !findings.is_empty() {
            return Err(Refusal { name: manifest.name.clone(), findings });
        }
        let app = Installed::from(bundle);
        let previous = installed
            .iter()
            .filter(|other| other.lineage == app.lineage && other.version < app.version)
            .max_by_key(|other| (other.version, other.bundle));
        let before = previous.map(|other| other.abilities.clone()).unwrap_or_default();
        Ok(Self {
            description: manifest.description.clone(),
            author_is_known: installed.iter().any(|other| other.author == app.author),
            previous: previous.map(|other| other.version),
            added: app.abilities.difference(&before).cloned().collect(),
            removed: before.difference(&app.abilities).cloned().collect(),
            notices: notices(&app, installed),
            components,
            app,
        })
    }
}

fn notices(app: &Installed, installed: &[Installed]) -> Vec<Notice> {
    if installed.iter().any(|other| other.bundle == app.bundle) {
        return vec![Notice::AlreadyInstalled];
    }
    let (same, others): (Vec<_>, Vec<_>) =
        installed.iter().partition(|other| other.lineage == app.lineage);
    let mut notices = Vec::new();
    if let Some(latest) = same.iter().max_by_key(|other| (other.version, other.bundle)) {
        if latest.version > app.version {
            notices.push(Notice::Older { installed: latest.version });
        }
        if latest.name != app.name {
            notices.push(Notice::Renamed { from: latest.name.clone() });
        }
    }
    let twins = same.iter().filter(|other| other.version == app.version);
    notices.extend(twins.map(|other| Notice::SameVersion { installed: other.bundle }));
    let namesakes: BTreeSet<_> = others
        .iter()
        .filter(|other| other.name.to_lowercase() == app.name.to_lowercase())
        .map(|other| other.author)
        .collect();
    notices.extend(namesakes.into_iter().map(|author| Notice::NameOfAnother { author }));
    notices
}

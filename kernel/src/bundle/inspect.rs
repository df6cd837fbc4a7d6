//! Says of a file what it is and everything that keeps it from being installed.

use std::collections::BTreeSet;

use myrhiza_kernel_api::{BundleId, Determinism, Permission, Permit, ProfilePolicy, PublicKey};

use super::ability::interface;
use super::capability::{Capabilities, Scope};
use super::file::{BundleError, Frame, Part, again};
use super::manifest::{Broken, Manifest};
use super::surface::Surface;
use crate::codec::{CodecError, Fault};
use crate::component::{Admitted, Finding, Rule, admit};
use crate::magic;

/// How every module and component begins.
const WASM: &[u8; 4] = b"\0asm";

/// A profile of this build.
pub type Policy = &'static dyn ProfilePolicy;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A packed bundle.
    Bundle,
    /// A component by itself, or a core module.
    Component,
    /// Neither.
    Other,
}

/// What there is to say of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What it is.
    pub kind: FileKind,
    /// Its id, if it is a bundle somebody signed.
    pub bundle: Option<BundleId>,
    /// Who it says has signed it.
    pub author: Option<PublicKey>,
    /// The manifest, if it can be read.
    pub manifest: Option<Manifest>,
    /// Everything its components import, ascending.
    pub imports: BTreeSet<String>,
    /// Everything that keeps it from being installed.
    pub findings: Vec<Finding>,
}

impl Inspection {
    /// Whether nothing keeps it from being installed.
    pub fn ok(&self) -> bool {
        self.findings.is_empty()
    }

    fn new(kind: FileKind) -> Self {
        Self {
            kind,
            bundle: None,
            author: None,
            manifest: None,
            imports: BTreeSet::new(),
            findings: Vec::new(),
        }
    }
}

/// Inspects a packed bundle or a component.
///
/// `policies` are the profiles there are. A component is judged under `profile`; without one, under
/// each whose exports it has, and if there is none, under the strictest. Of a bundle, `profile`
/// picks the component that is judged.
pub fn inspect(file: &[u8], profile: Option<Policy>, policies: &[Policy]) -> Inspection {
    if file.starts_with(magic::BUNDLE) {
        return bundle(file, profile, policies);
    }
    if !file.starts_with(WASM) {
        let mut inspection = Inspection::new(FileKind::Other);
        inspection.findings.push(neither(file));
        return inspection;
    }
    let mut inspection = Inspection::new(FileKind::Component);
    let surface = Surface::of(file);
    let judges = match profile {
        Some(policy) => vec![policy],
        None => judges(&surface, policies),
    };
    inspection.imports.extend(surface.imports);
    for policy in judges {
        inspection.findings.extend(admit(file, policy).err().into_iter().flat_map(|f| f.0));
    }
    inspection
}

/// A file that nobody meant for a bundle or a component, by what it seems to be.
fn neither(file: &[u8]) -> Finding {
    let message = if file.starts_with(magic::TOPIC) {
        "it is neither a bundle nor a component but an exported topic; take it in with \
         `myrhiza topic import`"
    } else {
        "it is neither a bundle nor a component: those start with `MYRBNDL` and `\\0asm`; make a \
         bundle with `myrhiza pack`"
    };
    let place = "the file".into();
    Finding { rule: Rule::Structure, profile: String::new(), place, message: message.into() }
}

/// The profiles a component seems to be made for.
fn judges(surface: &Surface, policies: &[Policy]) -> Vec<Policy> {
    let exported = |name: &&str| surface.exports.iter().any(|export| export == name);
    let fits = |policy: &&Policy| policy.exports().iter().all(exported);
    let strict = |policy: &&Policy| policy.determinism() == Determinism::Strict;
    let fitting: Vec<_> = policies.iter().filter(fits).copied().collect();
    if fitting.is_empty() { policies.iter().filter(strict).copied().collect() } else { fitting }
}

fn bundle(file: &[u8], profile: Option<Policy>, policies: &[Policy]) -> Inspection {
    let mut inspection = Inspection::new(FileKind::Bundle);
    let frame = match Frame::read(file) {
        Ok(frame) => frame,
        Err(error) => {
            inspection.findings.push(of_bundle(&error));
            return inspection;
        }
    };
    inspection.findings.extend(frame.faults().iter().map(of_bundle));
    if let Some(authored) = frame.authored() {
        inspection.author = authored.author;
        inspection.bundle = authored.author.map(|_| frame.id());
        if authored.author.is_none() && !frame.is_signed() {
            inspection.findings.push(of_bundle(&BundleError::Unsigned));
        }
        let broken = authored.manifest.broken(&names(policies));
        inspection.findings.extend(broken.iter().map(of_manifest));
        inspection.manifest = Some(authored.manifest.clone());
    }
    let picked = |name: &str| profile.is_none_or(|policy| policy.name() == name);
    let declared = frame.authored().map(|authored| &authored.manifest.capabilities);
    for (name, _, bytes) in frame.components.iter().filter(|(name, ..)| picked(name)) {
        inspection.imports.extend(Surface::of(bytes).imports);
        let judged = judge(name, bytes, policies, declared);
        inspection.findings.extend(judged.err().unwrap_or_default());
    }
    inspection
}

/// Admits a bundle's component, which imports nothing that has to be declared and is not; without a
/// manifest that can be read, that is not asked. A profile there is none of is the manifest's fault
/// and told there.
pub(super) fn judge(
    profile: &str,
    bytes: &[u8],
    policies: &[Policy],
    declared: Option<&Capabilities>,
) -> Result<Option<Admitted>, Vec<Finding>> {
    let Some(policy) = policies.iter().find(|policy| policy.name() == profile) else {
        return Ok(None);
    };
    let undeclared = declared.map(|declared| undeclared(bytes, *policy, declared));
    let undeclared = undeclared.unwrap_or_default();
    match admit(bytes, *policy) {
        Ok(admitted) if undeclared.is_empty() => Ok(Some(admitted)),
        Ok(_) => Err(undeclared),
        Err(mut findings) => {
            findings.0.extend(undeclared);
            Err(findings.0)
        }
    }
}

/// What a component imports and its manifest would have to declare.
fn undeclared(bytes: &[u8], policy: Policy, declared: &Capabilities) -> Vec<Finding> {
    let each = |interface: &str| {
        let each = |permit: &&Permit| permit.permission == Permission::Each;
        policy.permits().iter().filter(each).any(|permit| permit.interface == interface)
    };
    let finding = |import: String| {
        let name = interface(&import);
        if !each(name) || declared.declares(name) {
            return None;
        }
        let scope = Scope::of(name).unwrap_or(Scope::Whole);
        let message = format!(
            "the manifest does not declare it; write `{name} = {}` under [capabilities] in \
             manifest.toml, with {}",
            scope.example(),
            match scope {
                Scope::Whole => "nothing else",
                Scope::Kinds => "the kinds of files it asks for",
                Scope::Origins => "the origins it opens",
            }
        );
        let place = format!("import `{import}`");
        Some(Finding { rule: Rule::Imports, profile: policy.name().into(), place, message })
    };
    Surface::of(bytes).imports.into_iter().filter_map(finding).collect()
}

pub(super) fn names(policies: &[Policy]) -> Vec<&'static str> {
    policies.iter().map(|policy| policy.name()).collect()
}

/// A broken rule of the manifest, as a finding.
pub(super) fn of_manifest(broken: &Broken) -> Finding {
    let profile = match broken {
        Broken::Profile { name, .. } | Broken::NoAuthor { name } | Broken::NoComponent { name } => {
            name.clone()
        }
        _ => String::new(),
    };
    let place = "the manifest".into();
    Finding { rule: Rule::Manifest, profile, place, message: broken.to_string() }
}

fn of_bundle(error: &BundleError) -> Finding {
    let (rule, part) = match error {
        BundleError::Malformed { part, source } if is_size(source) => (Rule::Size, part.clone()),
        BundleError::Malformed { part, .. } => (Rule::Structure, part.clone()),
        BundleError::Damaged { part } => (Rule::Signature, part.clone()),
        BundleError::Manifest { .. } | BundleError::Components { .. } => {
            (Rule::Manifest, Part::Manifest)
        }
        BundleError::Unsigned | BundleError::HalfSigned { .. } | BundleError::Signature { .. } => {
            (Rule::Signature, Part::Signature)
        }
        BundleError::NotABundle => (Rule::Structure, Part::Frame),
    };
    // The finding says of which part; the message need not.
    let message = match error {
        BundleError::Malformed { source, .. } | BundleError::Manifest { source } => {
            format!("it cannot be read: {source}{}", again(source))
        }
        BundleError::Damaged { .. } => "it is damaged; fetch the bundle again".into(),
        other => other.to_string(),
    };
    let (profile, place) = match part {
        Part::Component(profile) => (profile, "the component".into()),
        part => (String::new(), part.to_string()),
    };
    Finding { rule, profile, place, message }
}

fn is_size(source: &CodecError) -> bool {
    matches!(
        source,
        CodecError::Malformed { fault: Fault::TooLarge { .. } | Fault::Length { .. }, .. }
    )
}

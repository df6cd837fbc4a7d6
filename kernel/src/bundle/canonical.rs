//! The one byte form of a manifest, and the identity of a bundle. Layout: `docs/spec/bundles.md`.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{BundleId, ComponentId, PublicKey, limits};

use super::capability::Capabilities;
use super::manifest::{KernelVersion, Manifest, Version};
use crate::codec::{Canonical, CodecError, Fault, Reader, Writer};
use crate::hash::{Context, derive};

/// The version of the canonical form.
const VERSION: u64 = 1;
const FIELDS: usize = 11;

/// A manifest and whose it is. Without an author it is one nobody has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    /// The manifest.
    pub manifest: Manifest,
    /// The person key of whoever signs it.
    pub author: Option<PublicKey>,
}

impl Canonical for Authored {
    const WHAT: &'static str = "a manifest";
    const MAX_BYTES: usize = limits::MANIFEST_BYTES;

    fn write(&self, w: &mut Writer) {
        let Manifest { id, name, version, description, kernel, profiles, .. } = &self.manifest;
        w.array(FIELDS).u64(VERSION).text(id).text(name);
        w.array(3);
        w.u64(version.major.into()).u64(version.minor.into()).u64(version.patch.into());
        w.text(description);
        w.option(self.author, |w, author| {
            w.bytes(author);
        });
        w.array(2).u64(kernel.major.into()).u64(kernel.minor.into());
        w.list(profiles.iter(), |w, profile| {
            w.text(profile);
        });
        w.list(self.manifest.capabilities.0.iter(), |w, (name, scopes)| {
            w.array(2).text(name);
            w.list(scopes.iter(), |w, scope| {
                w.text(scope);
            });
        });
        w.list(self.manifest.authors.iter(), |w, (profile, variants)| {
            w.array(2).text(profile);
            w.list(variants.iter(), |w, variant| {
                w.u64((*variant).into());
            });
        });
        w.u64(self.manifest.drift_interval.into());
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("manifest", VERSION, FIELDS)?;
        let id = r.text("id", limits::NAME_BYTES)?.into();
        let name = r.text("name", limits::NAME_BYTES)?.into();
        r.fields("version", 3)?;
        let version =
            Version { major: r.u32("major")?, minor: r.u32("minor")?, patch: r.u32("patch")? };
        let description = r.text("description", limits::DESCRIPTION_BYTES)?.into();
        let author = r.option(|r| r.fixed("author").map(PublicKey))?;
        r.fields("kernel", 2)?;
        let kernel = KernelVersion { major: r.u32("kernel major")?, minor: r.u32("kernel minor")? };
        let profiles = r.ascending("profiles", limits::BUNDLE_COMPONENTS, profile)?;
        // One that is not known is for the manifest's rules to refuse, in words.
        let capabilities = pairs(r, "capabilities", |r| {
            r.ascending("scopes", limits::CAPABILITY_SCOPES, |r| {
                Ok(String::from(r.text("scope", limits::SCOPE_BYTES)?))
            })
        })?;
        // Each item takes a byte at least, and the whole manifest is bounded.
        let authors = pairs(r, "authors", |r| {
            r.ascending("variants", limits::MANIFEST_BYTES, |r| r.u32("variant"))
        })?;
        let drift_interval = r.u32("drift interval")?;
        let profiles = profiles.into_iter().collect();
        let manifest = Manifest {
            id,
            name,
            version,
            description,
            kernel,
            profiles,
            capabilities: Capabilities(capabilities),
            authors,
            drift_interval,
        };
        Ok(Self { manifest, author })
    }
}

/// The name of a profile.
pub(super) fn profile(r: &mut Reader<'_>) -> Result<String, CodecError> {
    r.text("profile", limits::NAME_BYTES).map(Into::into)
}

/// Names strictly ascending, each with its items: the capabilities and the author policy.
fn pairs<T: Ord>(
    r: &mut Reader<'_>,
    field: &'static str,
    mut items: impl FnMut(&mut Reader<'_>) -> Result<Vec<T>, CodecError>,
) -> Result<BTreeMap<String, BTreeSet<T>>, CodecError> {
    let at = r.position();
    let pairs = r.list(field, limits::BUNDLE_COMPONENTS, |r| {
        r.fields(field, 2)?;
        let name = r.text("name", limits::NAME_BYTES)?.into();
        Ok((name, items(r)?.into_iter().collect()))
    })?;
    if !pairs.is_sorted_by(|(a, _): &(String, _), (b, _)| a < b) {
        return Err(r.malformed(at, Fault::Order { field }));
    }
    Ok(pairs.into_iter().collect())
}

/// The identity of a bundle: over its canonical manifest and, ascending by profile, the id of each
/// component. The signature takes no part.
pub fn bundle_id(manifest: &[u8], components: &BTreeMap<String, ComponentId>) -> BundleId {
    let mut w = Writer::new();
    w.list(components.iter(), |w, (profile, id)| {
        w.array(2).text(profile).bytes(id);
    });
    BundleId(derive(Context::BundleId, &[manifest, &w.into_bytes()]).0)
}

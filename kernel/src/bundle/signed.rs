//! A bundle without its components' bytes: enough to name it and to know that its author signed it.

use myrhiza_kernel_api::{BundleId, ComponentId, PublicKey, Signature, limits};

use super::canonical::{Authored, bundle_id};
use super::manifest::Manifest;
use crate::codec::{Canonical, CodecError, Fault, Reader, Writer};
use crate::hash::Context;
use crate::identity::{SignatureError, verify};

/// A manifest as its author signed it, and the ids of the components it names.
///
/// Layout: `[manifest, [component id..], signature]`, the manifest a byte string in its canonical
/// form, the ids in the order of its profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedManifest {
    manifest: Manifest,
    author: PublicKey,
    components: Vec<ComponentId>,
    signature: Signature,
    id: BundleId,
}

impl SignedManifest {
    /// Of a bundle that was verified.
    pub(super) fn new(
        manifest: Manifest,
        author: PublicKey,
        components: Vec<ComponentId>,
        signature: Signature,
    ) -> Self {
        let canonical = Authored { manifest: manifest.clone(), author: Some(author) }.to_bytes();
        let id = id(&canonical, &manifest, &components);
        Self { manifest, author, components, signature, id }
    }

    /// The manifest.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The person key of whoever it says has signed it.
    pub const fn author(&self) -> PublicKey {
        self.author
    }

    /// The bundle's identity.
    pub const fn id(&self) -> BundleId {
        self.id
    }

    /// Checks the author's signature.
    ///
    /// # Errors
    /// [`SignatureError`]
    pub fn verify(&self) -> Result<(), SignatureError> {
        let id = self.id.as_bytes();
        verify(&self.author, Context::BundleSignature, &[id], &self.signature)
    }
}

fn id(canonical: &[u8], manifest: &Manifest, components: &[ComponentId]) -> BundleId {
    let ids = manifest.profiles.iter().cloned().zip(components.iter().copied());
    bundle_id(canonical, &ids.collect())
}

impl Canonical for SignedManifest {
    const WHAT: &'static str = "a signed manifest";
    const MAX_BYTES: usize = limits::MANIFEST_BYTES + 34 * limits::BUNDLE_COMPONENTS + 128;

    fn write(&self, w: &mut Writer) {
        let manifest = Authored { manifest: self.manifest.clone(), author: Some(self.author) };
        w.array(3).bytes(manifest.to_bytes());
        w.list(self.components.iter(), |w, component| {
            w.bytes(component);
        });
        w.bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("signed manifest", 3)?;
        let at = r.position();
        let canonical = r.bytes("manifest", limits::MANIFEST_BYTES)?;
        let Authored { manifest, author } = Authored::from_bytes(canonical)?;
        let author = author.ok_or_else(|| r.malformed(at, Fault::Type { want: "an author" }))?;
        let profiles = manifest.profiles.len();
        r.array("component ids", profiles, profiles)?;
        let mut components = Vec::with_capacity(profiles);
        for _ in 0..profiles {
            components.push(ComponentId(r.fixed("component id")?));
        }
        let signature = Signature(r.fixed("signature")?);
        let id = id(canonical, &manifest, &components);
        Ok(Self { manifest, author, components, signature, id })
    }
}

//! The packed file, `.myr`: what an author hands out. Layout: `docs/spec/bundles.md`.
//!
//! Every part lies beside its own hash, so that damage is told apart from forgery and by part.

use std::collections::BTreeMap;
use std::fmt;

use myrhiza_kernel_api::{BundleId, ComponentId, Hash, LineageId, PublicKey, Signature, limits};

use super::canonical::{Authored, bundle_id, profile};
use super::manifest::Manifest;
use super::signed::SignedManifest;
use super::surface::Surface;
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::component::component_id;
use crate::hash::{Context, derive};
use crate::identity::{SecretKey, SignatureError, verify};
pub use crate::magic::BUNDLE as MAGIC;

const WHAT: &str = "a bundle";
const VERSION: u64 = 1;
const FIELDS: usize = 4;

/// Components by profile.
pub type Components = BTreeMap<String, Vec<u8>>;

/// A bundle nobody has signed: it can be inspected and signed, not installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedBundle {
    manifest: Manifest,
    components: Components,
}

/// A bundle by its author: that a value of this type exists means that every part is as its author
/// signed it. Whether it may be installed, [`super::InstallPlan`] decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    unsigned: UnsignedBundle,
    author: PublicKey,
    id: BundleId,
    signature: Signature,
}

/// What a packed file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packed {
    /// With its author's signature.
    Signed(Bundle),
    /// Without one.
    Unsigned(UnsignedBundle),
}

/// A part of a packed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What holds the parts together.
    Frame,
    /// The manifest.
    Manifest,
    /// The component of that profile.
    Component(String),
    /// The author's signature.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Frame => f.write_str("the frame"),
            Part::Manifest => f.write_str("the manifest"),
            Part::Component(profile) => write!(f, "the component `{profile}`"),
            Part::Signature => f.write_str("the signature"),
        }
    }
}

/// Why bytes are not a bundle that can be installed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Something else altogether.
    #[error(
        "this is not a bundle: packed bundles start with `MYRBNDL`; make one with `myrhiza pack`"
    )]
    NotABundle,
    /// The file cannot be decoded, in that part of it.
    #[error("{part} of the bundle cannot be read: {source}{}", again(.source))]
    Malformed {
        /// Which part.
        part: Part,
        /// Why.
        source: CodecError,
    },
    /// The manifest is whole and cannot be decoded.
    #[error("the bundle's manifest cannot be read: {source}{}", again(.source))]
    Manifest {
        /// Why.
        source: CodecError,
    },
    /// A part has another hash than the file says.
    #[error("{part} of the bundle is damaged; fetch it again")]
    Damaged {
        /// Which part.
        part: Part,
    },
    /// The components are not those the manifest names.
    #[error(
        "the manifest names components for {named:?}, and the bundle has {found:?}; fetch it again"
    )]
    Components {
        /// The manifest's profiles.
        named: Vec<String>,
        /// The components' profiles.
        found: Vec<String>,
    },
    /// Nobody signed it.
    #[error("the bundle is not signed; sign it with `myrhiza sign`")]
    Unsigned,
    /// One of author and signature is there without the other.
    #[error("the bundle has {}; fetch it again", if *.author { "an author and no signature" } else { "a signature and no author" })]
    HalfSigned {
        /// Whether it is the author that is there.
        author: bool,
    },
    /// The signature is not the author's over this content.
    #[error(
        "the bundle is not as its author {author} signed it ({source}); fetch it again, from the author if you can"
    )]
    Signature {
        /// Who should have signed.
        author: PublicKey,
        /// What is wrong.
        source: SignatureError,
    },
}

impl BundleError {
    /// True where a later version of the program would know what to do.
    pub fn is_update_needed(&self) -> bool {
        match self {
            Self::Malformed { source, .. } | Self::Manifest { source } => source.is_update_needed(),
            _ => false,
        }
    }
}

pub(super) fn again(source: &CodecError) -> &'static str {
    if source.is_update_needed() { "" } else { "; fetch it again" }
}

/// Why a bundle cannot be packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// A component the manifest does not name, or one it names that is not there.
    #[error("the manifest names components for {named:?}, and {found:?} were given")]
    Components {
        /// The manifest's profiles.
        named: Vec<String>,
        /// The profiles given.
        found: Vec<String>,
    },
    /// A part is too large.
    #[error("{part} is {bytes} bytes, and may be {max}")]
    Size {
        /// Which part, or the frame for the whole.
        part: Part,
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
}

/// Puts a manifest and its components together.
///
/// # Errors
/// [`PackError`]
pub fn pack(manifest: Manifest, components: Components) -> Result<UnsignedBundle, PackError> {
    let (named, found) = (names(&manifest), components.keys().cloned().collect::<Vec<_>>());
    if named != found {
        return Err(PackError::Components { named, found });
    }
    let within = |part: Part, bytes: usize, max: usize| {
        if bytes <= max { Ok(()) } else { Err(PackError::Size { part, bytes, max }) }
    };
    for (profile, bytes) in &components {
        within(Part::Component(profile.clone()), bytes.len(), limits::COMPONENT_BYTES)?;
    }
    // Signing, which cannot fail, adds an author to the manifest and a signature to the file.
    let signed_manifest = authored(&manifest, Some(PublicKey([0; 32]))).len();
    within(Part::Manifest, signed_manifest, limits::MANIFEST_BYTES)?;
    let bundle = UnsignedBundle { manifest, components };
    let largest = bundle.encode(Some(PublicKey([0; 32])), Some(Signature([0; 64]))).len();
    within(Part::Frame, largest, limits::BUNDLE_BYTES)?;
    Ok(bundle)
}

/// Reads a packed bundle, signed or not, and verifies everything in it.
///
/// # Errors
/// [`BundleError`], the first there is.
pub fn unpack(bytes: &[u8]) -> Result<Packed, BundleError> {
    let frame = Frame::read(bytes)?;
    match frame.faults().into_iter().next() {
        None => frame.packed(),
        Some(fault) => Err(fault),
    }
}

/// Reads a signed bundle and verifies everything in it.
///
/// # Errors
/// [`BundleError`], the first there is.
pub fn open(bytes: &[u8]) -> Result<Bundle, BundleError> {
    match unpack(bytes)? {
        Packed::Signed(bundle) => Ok(bundle),
        Packed::Unsigned(_) => Err(BundleError::Unsigned),
    }
}

impl UnsignedBundle {
    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The components, by profile.
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Signs it with its author's person key.
    pub fn sign(self, author: &SecretKey) -> Bundle {
        let id = self.id(Some(author.public()));
        let signature = author.sign(Context::BundleSignature, &[id.as_bytes()]);
        Bundle { author: author.public(), id, signature, unsigned: self }
    }

    /// The packed file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode(None, None)
    }

    fn id(&self, author: Option<PublicKey>) -> BundleId {
        let ids =
            self.components.iter().map(|(profile, bytes)| (profile.clone(), component_id(bytes)));
        bundle_id(&authored(&self.manifest, author), &ids.collect())
    }

    fn encode(&self, author: Option<PublicKey>, signature: Option<Signature>) -> Vec<u8> {
        let manifest = authored(&self.manifest, author);
        let mut w = Writer::new();
        w.raw(MAGIC).array(FIELDS).u64(VERSION);
        w.array(2).bytes(manifest_hash(&manifest)).bytes(&manifest);
        w.list(self.components.iter(), |w, (profile, bytes)| {
            w.array(3).text(profile).bytes(component_id(bytes)).bytes(bytes);
        });
        w.option(signature, |w, signature| {
            w.bytes(signature);
        });
        w.into_bytes()
    }
}

impl Bundle {
    /// Its identity.
    pub fn id(&self) -> BundleId {
        self.id
    }

    /// The person key of whoever signed it.
    pub fn author(&self) -> PublicKey {
        self.author
    }

    /// The app through all its versions.
    pub fn lineage(&self) -> LineageId {
        self.manifest().lineage(&self.author)
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.unsigned.manifest
    }

    /// The components as their author built them, by profile.
    pub fn components(&self) -> &Components {
        &self.unsigned.components
    }

    /// Whether its component of a profile exports a function of that name.
    pub(crate) fn exports(&self, profile: &str, name: &str) -> bool {
        let surface = self.components().get(profile).map(|bytes| Surface::of(bytes));
        surface.is_some_and(|surface| surface.exports.iter().any(|export| export == name))
    }

    /// What is left of it without its components' bytes.
    pub fn signed_manifest(&self) -> SignedManifest {
        let ids = self.components().values().map(|bytes| component_id(bytes));
        SignedManifest::new(self.manifest().clone(), self.author, ids.collect(), self.signature)
    }

    /// The packed file; [`open`] is the counterpart.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.unsigned.encode(Some(self.author), Some(self.signature))
    }
}

fn authored(manifest: &Manifest, author: Option<PublicKey>) -> Vec<u8> {
    Authored { manifest: manifest.clone(), author }.to_bytes()
}

fn names(manifest: &Manifest) -> Vec<String> {
    manifest.profiles.iter().cloned().collect()
}

fn manifest_hash(canonical: &[u8]) -> Hash {
    derive(Context::ManifestHash, &[canonical])
}

/// A packed file taken apart; nothing in it is verified.
pub(super) struct Frame<'b> {
    manifest_hash: Hash,
    manifest: &'b [u8],
    decoded: Result<Authored, CodecError>,
    pub(super) components: Vec<(String, ComponentId, &'b [u8])>,
    signature: Option<Signature>,
}

impl<'b> Frame<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, BundleError> {
        let body = bytes.strip_prefix(MAGIC).ok_or(BundleError::NotABundle)?;
        let mut part = Part::Frame;
        Self::read_body(body, &mut part).map_err(|source| BundleError::Malformed { part, source })
    }

    fn read_body(body: &'b [u8], part: &mut Part) -> Result<Self, CodecError> {
        let mut r = Reader::new(WHAT, body, limits::BUNDLE_BYTES - MAGIC.len())?;
        r.versioned("bundle", VERSION, FIELDS)?;
        *part = Part::Manifest;
        r.fields("manifest and hash", 2)?;
        let manifest_hash = Hash(r.fixed("manifest hash")?);
        let manifest = r.bytes("manifest", limits::MANIFEST_BYTES)?;
        *part = Part::Frame;
        let components = r.list("components", limits::BUNDLE_COMPONENTS, |r| {
            *part = Part::Frame;
            r.fields("component", 3)?;
            let profile = profile(r)?;
            *part = Part::Component(profile.clone());
            let id = ComponentId(r.fixed("component id")?);
            Ok((profile, id, r.bytes("component bytes", limits::COMPONENT_BYTES)?))
        })?;
        *part = Part::Signature;
        let signature = r.option(|r| r.fixed("signature").map(Signature))?;
        *part = Part::Frame;
        r.finish()?;
        let decoded = Authored::from_bytes(manifest);
        Ok(Self { manifest_hash, manifest, decoded, components, signature })
    }

    /// The manifest, if it can be read.
    pub(super) fn authored(&self) -> Option<&Authored> {
        self.decoded.as_ref().ok()
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signature.is_some()
    }

    /// Everything about it that is not as it should be, by part. That nobody signed it is not among
    /// it.
    pub(super) fn faults(&self) -> Vec<BundleError> {
        let mut faults = Vec::new();
        let manifest_is_whole = manifest_hash(self.manifest) == self.manifest_hash;
        if !manifest_is_whole {
            faults.push(BundleError::Damaged { part: Part::Manifest });
        }
        for (profile, id, bytes) in &self.components {
            if component_id(bytes) != *id {
                faults.push(BundleError::Damaged { part: Part::Component(profile.clone()) });
            }
        }
        match &self.decoded {
            Err(source) if manifest_is_whole => {
                faults.push(BundleError::Manifest { source: source.clone() });
            }
            Err(_) => {}
            Ok(authored) => {
                let named = names(&authored.manifest);
                let found: Vec<_> = self.components.iter().map(|(name, ..)| name.clone()).collect();
                if named != found {
                    faults.push(BundleError::Components { named, found });
                }
                faults.extend(self.signature_fault(authored.author));
            }
        }
        faults
    }

    fn signature_fault(&self, author: Option<PublicKey>) -> Option<BundleError> {
        let (author, signature) = match (author, self.signature) {
            (Some(author), Some(signature)) => (author, signature),
            (None, None) => return None,
            (author, _) => return Some(BundleError::HalfSigned { author: author.is_some() }),
        };
        verify(&author, Context::BundleSignature, &[self.id().as_bytes()], &signature)
            .err()
            .map(|source| BundleError::Signature { author, source })
    }

    /// The id of what the hashes say is in it.
    pub(super) fn id(&self) -> BundleId {
        let ids = self.components.iter().map(|(profile, id, _)| (profile.clone(), *id));
        bundle_id(self.manifest, &ids.collect())
    }

    /// What it holds, once it has no faults.
    fn packed(self) -> Result<Packed, BundleError> {
        let id = self.id();
        let Authored { manifest, author } =
            self.decoded.map_err(|source| BundleError::Manifest { source })?;
        let components = self.components.into_iter().map(|(name, _, bytes)| (name, bytes.to_vec()));
        let unsigned = UnsignedBundle { manifest, components: components.collect() };
        Ok(match (author, self.signature) {
            (Some(author), Some(signature)) => {
                Packed::Signed(Bundle { unsigned, author, id, signature })
            }
            _ => Packed::Unsigned(unsigned),
        })
    }
}

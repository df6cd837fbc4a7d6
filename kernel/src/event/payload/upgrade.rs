//! The next bundle of a topic.

use myrhiza_kernel_api::limits::HAND_OVERS;
use myrhiza_kernel_api::{BundleId, LineageId, PublicKey};

use super::HandOver;
use crate::bundle::SignedManifest;
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::identity::SignatureError;

/// By whom the genesis lets upgrade; that shows only in the log, as does what is in force there.
///
/// Layout: `[1, from, signed manifest, [hand-over..]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The bundle it replaces.
    pub from: BundleId,
    /// The bundle that follows.
    pub to: SignedManifest,
    /// From the app's first author to that of the bundle, at most [`HAND_OVERS`]: none if they
    /// are one.
    pub hand_overs: Vec<HandOver>,
}

/// Why an upgrade is none of the topic's app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// The manifest is not as the author it names signed it.
    #[error("the bundle's manifest is not signed by its author {author}: {cause}")]
    Signature {
        /// Who should have signed.
        author: PublicKey,
        /// What is wrong.
        cause: SignatureError,
    },
    /// The name the app has for itself and its first author are not those of the topic's app.
    #[error(
        "the bundle is of app {found}, not of app {lineage} that the topic runs; an author \
         whose key changed adds a hand-over by the key before"
    )]
    Lineage {
        /// The topic's.
        lineage: LineageId,
        /// The bundle's, with its hand-overs.
        found: LineageId,
    },
    /// A hand-over does not hold. They are counted from 0, that of the first author.
    #[error("hand-over {number} of the app to the bundle's author is not valid: {cause}")]
    HandOver {
        /// Which.
        number: usize,
        /// What is wrong.
        cause: SignatureError,
    },
}

impl Upgrade {
    /// Checks that the bundle is by its author and a version of the app of that lineage.
    ///
    /// # Errors
    /// [`UpgradeError`]
    pub fn verify(&self, lineage: LineageId) -> Result<(), UpgradeError> {
        let author = self.to.author();
        let first = self.hand_overs.first().map_or(author, HandOver::author);
        let found = self.to.manifest().lineage(&first);
        if found != lineage {
            return Err(UpgradeError::Lineage { lineage, found });
        }
        let next = self.hand_overs.iter().skip(1).map(HandOver::author).chain([author]);
        for (number, (hand_over, next)) in self.hand_overs.iter().zip(next).enumerate() {
            let verified = hand_over.verify(lineage, next);
            verified.map_err(|cause| UpgradeError::HandOver { number, cause })?;
        }
        self.to.verify().map_err(|cause| UpgradeError::Signature { author, cause })
    }
}

impl Canonical for Upgrade {
    const WHAT: &'static str = "an upgrade payload";
    const MAX_BYTES: usize = SignedManifest::MAX_BYTES + HAND_OVERS * HandOver::MAX_BYTES + 64;

    fn write(&self, w: &mut Writer) {
        w.array(4).u64(1).bytes(self.from);
        self.to.write(w);
        w.list(self.hand_overs.iter(), |w, hand_over| hand_over.write(w));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("upgrade", 1, 4)?;
        let from = BundleId(r.fixed("from")?);
        let to = SignedManifest::read(r)?;
        let hand_overs = r.list("hand-overs", HAND_OVERS, HandOver::read)?;
        Ok(Self { from, to, hand_overs })
    }
}

//! The first event of a topic. Its id is the topic's.

use myrhiza_kernel_api::limits::NAME_BYTES;
use myrhiza_kernel_api::{BundleId, LineageId, PublicKey};

use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::identity::Certificate;

/// What a topic is, for ever.
///
/// Layout: `[1, lineage, bundle, seed, name, admission, upgraders, checkpointer or null, certificate]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The app, through all its versions.
    pub lineage: LineageId,
    /// The first bundle.
    pub bundle: BundleId,
    /// Random bytes, so that two topics of one app and author differ. In an author's topic their key.
    pub seed: [u8; 32],
    /// What the founder calls the topic, at most [`NAME_BYTES`].
    pub name: String,
    /// Who may join.
    pub admission: Admission,
    /// Who may name the next bundle.
    pub upgraders: Upgraders,
    /// The key that may make checkpoints; with none there will never be one.
    pub checkpointer: Option<PublicKey>,
    /// The founder, and the scope that signs the genesis event.
    pub founder: Certificate,
}

/// Who may join a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Whoever knows of it.
    Open,
    /// Whoever a member with that right invited.
    Invite,
    /// One author's scopes; everybody may read. See [`crate::event::author_genesis`].
    Author,
}

/// Who may name a topic's next bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgraders {
    /// The founder.
    Founder,
}

impl Admission {
    /// Its number in encodings.
    pub const fn number(self) -> u64 {
        match self {
            Self::Open => 0,
            Self::Invite => 1,
            Self::Author => 2,
        }
    }
}

impl Upgraders {
    /// Its number in encodings.
    pub const fn number(self) -> u64 {
        match self {
            Self::Founder => 0,
        }
    }
}

impl Genesis {
    /// Whose topic it is, if it is an author's.
    pub fn author(&self) -> Option<PublicKey> {
        (self.admission == Admission::Author).then_some(PublicKey(self.seed))
    }
}

impl Canonical for Genesis {
    const WHAT: &'static str = "a genesis payload";
    const MAX_BYTES: usize = 1024;

    fn write(&self, w: &mut Writer) {
        w.array(9).u64(1).bytes(self.lineage).bytes(self.bundle).bytes(self.seed).text(&self.name);
        w.u64(self.admission.number()).u64(self.upgraders.number());
        w.option(self.checkpointer, |w, key| {
            w.bytes(key);
        });
        self.founder.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("genesis", 1, 9)?;
        let lineage = LineageId(r.fixed("lineage")?);
        let bundle = BundleId(r.fixed("bundle")?);
        let seed = r.fixed("seed")?;
        let name = r.text("name", NAME_BYTES)?.to_owned();
        let admission = match r.u64()? {
            0 => Admission::Open,
            1 => Admission::Invite,
            2 => Admission::Author,
            got => return Err(r.update_needed("admission", got)),
        };
        let upgraders = match r.u64()? {
            0 => Upgraders::Founder,
            got => return Err(r.update_needed("upgraders", got)),
        };
        let checkpointer = r.option(|r| r.fixed("checkpointer").map(PublicKey))?;
        let founder = Certificate::read(r)?;
        Ok(Self { lineage, bundle, seed, name, admission, upgraders, checkpointer, founder })
    }
}

//! A member is ended by somebody above them.

use myrhiza_kernel_api::PublicKey;
use myrhiza_kernel_api::limits::PAYLOAD_BYTES;

use super::CutList;
use crate::codec::{Canonical, CodecError, Reader, Writer};

/// By a person above them in the invitation tree, or the founder; which shows only in the log.
///
/// Layout: `[1, person, cuts, invitation cuts]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remove {
    person: PublicKey,
    cuts: CutList,
}

impl Remove {
    /// Ends a person: scopes and invitations of theirs, which are sorted first.
    pub fn new(person: PublicKey, mut cuts: CutList) -> Self {
        cuts.sort();
        Self { person, cuts }
    }

    /// Who is removed.
    pub const fn person(&self) -> PublicKey {
        self.person
    }

    /// What of theirs still counts.
    pub const fn cuts(&self) -> &CutList {
        &self.cuts
    }
}

impl Canonical for Remove {
    const WHAT: &'static str = "a remove payload";
    const MAX_BYTES: usize = PAYLOAD_BYTES;

    fn write(&self, w: &mut Writer) {
        w.array(4).u64(1).bytes(self.person);
        self.cuts.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("remove", 1, 4)?;
        let person = PublicKey(r.fixed("person")?);
        Ok(Self { person, cuts: CutList::read(r)? })
    }
}

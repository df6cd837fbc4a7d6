//! Another scope of a person who is a member already.

use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::identity::Certificate;

/// The first event of that scope, which signs it.
///
/// Layout: `[1, certificate]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegate {
    /// By the member, for the scope.
    pub certificate: Certificate,
}

impl Canonical for Delegate {
    const WHAT: &'static str = "a delegate payload";
    const MAX_BYTES: usize = Certificate::MAX_BYTES + 16;

    fn write(&self, w: &mut Writer) {
        w.array(2).u64(1);
        self.certificate.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("delegate", 1, 2)?;
        Ok(Self { certificate: Certificate::read(r)? })
    }
}

//! A person enters a topic, with the scope that signs the event.

use myrhiza_kernel_api::limits::INVITATION_CHAIN;

use super::Link;
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::identity::Certificate;

/// How a person enters.
///
/// Layout: `[1, 0, certificate]` for an open topic, `[1, 1, [link..]]` for one of invitations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Join {
    /// An open topic: by a certificate alone.
    Open(Certificate),
    /// By a chain of invitations from the founder, whose last acceptor enters; 1 to
    /// [`INVITATION_CHAIN`] links.
    Invited(Vec<Link>),
}

impl Join {
    /// The certificate of the scope that enters; none if the chain is empty, which is no join.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Open(certificate) => Some(certificate),
            Self::Invited(chain) => chain.last().map(|link| &link.acceptor),
        }
    }

    /// The invitations behind it, the founder's first; none in an open topic.
    pub fn chain(&self) -> &[Link] {
        match self {
            Self::Open(_) => &[],
            Self::Invited(chain) => chain,
        }
    }
}

impl Canonical for Join {
    const WHAT: &'static str = "a join payload";
    const MAX_BYTES: usize = INVITATION_CHAIN * Link::MAX_BYTES + 16;

    fn write(&self, w: &mut Writer) {
        w.array(3).u64(1);
        match self {
            Self::Open(certificate) => {
                w.u64(0);
                certificate.write(w);
            }
            Self::Invited(chain) => {
                w.u64(1).list(chain.iter(), |w, link| link.write(w));
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("join", 1, 3)?;
        match r.u64()? {
            0 => Certificate::read(r).map(Self::Open),
            1 => r.list("chain", INVITATION_CHAIN, Link::read).map(Self::Invited),
            got => Err(r.update_needed("way of joining", got)),
        }
    }
}

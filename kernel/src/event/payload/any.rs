use myrhiza_kernel_api::PublicKey;

use super::{CutList, Delegate, Genesis, Join, Notice, Remove, Revoke, Upgrade};
use crate::codec::{Canonical, CodecError};
use crate::event::{Body, Kind};
use crate::identity::Certificate;

/// The payload of an event, decoded if it is the kernel's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The app's.
    App,
    /// Of a genesis event.
    Genesis(Genesis),
    /// Of a join.
    Join(Join),
    /// Of a delegate.
    Delegate(Delegate),
    /// Of a revoke.
    Revoke(Revoke),
    /// Of a remove.
    Remove(Remove),
    /// Of an upgrade.
    Upgrade(Upgrade),
    /// Of a notice.
    Notice(Notice),
}

impl Payload {
    /// Decodes the payload of an event by its kind.
    ///
    /// # Errors
    /// [`CodecError`]
    pub fn decode(body: &Body) -> Result<Self, CodecError> {
        let bytes = body.payload();
        Ok(match body.header().kind {
            Kind::App => Self::App,
            Kind::Genesis => Self::Genesis(Genesis::from_bytes(bytes)?),
            Kind::Join => Self::Join(Join::from_bytes(bytes)?),
            Kind::Delegate => Self::Delegate(Delegate::from_bytes(bytes)?),
            Kind::Revoke => Self::Revoke(Revoke::from_bytes(bytes)?),
            Kind::Remove => Self::Remove(Remove::from_bytes(bytes)?),
            Kind::Upgrade => Self::Upgrade(Upgrade::from_bytes(bytes)?),
            Kind::Notice => Self::Notice(Notice::from_bytes(bytes)?),
        })
    }

    /// The scope and person it introduces to the topic, if it is of a kind that does.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Genesis(genesis) => Some(&genesis.founder),
            Self::Join(join) => join.certificate(),
            Self::Delegate(delegate) => Some(&delegate.certificate),
            Self::App | Self::Revoke(_) | Self::Remove(_) | Self::Upgrade(_) | Self::Notice(_) => {
                None
            }
        }
    }

    /// What it ends, if it is of a kind that cuts.
    pub const fn cuts(&self) -> Option<&CutList> {
        match self {
            Self::Revoke(revoke) => Some(revoke.cuts()),
            Self::Remove(remove) => Some(remove.cuts()),
            _ => None,
        }
    }

    /// The person it makes a member.
    pub fn member(&self) -> Option<PublicKey> {
        match self {
            Self::Genesis(_) | Self::Join(_) => self.certificate().map(Certificate::person),
            _ => None,
        }
    }
}

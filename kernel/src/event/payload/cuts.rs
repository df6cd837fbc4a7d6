//! Where scopes and invitations end.

use myrhiza_kernel_api::limits::{CUTS, INVITATION_CUTS, RECOGNISED_ACCEPTORS};
use myrhiza_kernel_api::{EventId, PublicKey};

use crate::codec::{CodecError, Reader, Writer};

/// The end of a scope: its events but `last` and that one's ancestors by `prev` are void, wherever
/// they sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The scope.
    pub scope: PublicKey,
    /// The last event of it that is recognised; `None` if none is.
    pub last: Option<EventId>,
}

/// The end of an invitation: joins whose chain shows it accepted by another scope than these are
/// void, wherever they sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationCut {
    /// Its one-time key.
    pub invitation: PublicKey,
    /// Scopes that accepted it and stand, ascending.
    pub acceptors: Vec<PublicKey>,
}

/// What a revoke or remove event ends.
///
/// Layout, two items: `[[scope, last or null]..]`, ascending by scope, then
/// `[[invitation, [acceptor..]]..]`, ascending by invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CutList {
    /// Scopes, ascending, at most [`CUTS`].
    pub scopes: Vec<Cut>,
    /// Invitations, ascending, at most [`INVITATION_CUTS`], each with at most
    /// [`RECOGNISED_ACCEPTORS`] acceptors.
    pub invitations: Vec<InvitationCut>,
}

impl CutList {
    /// Sorts everything as the encoding demands; of doubles the first stays.
    pub fn sort(&mut self) {
        self.scopes.sort_by_key(|cut| cut.scope);
        self.scopes.dedup_by_key(|cut| cut.scope);
        self.invitations.sort_by_key(|cut| cut.invitation);
        self.invitations.dedup_by_key(|cut| cut.invitation);
        for cut in &mut self.invitations {
            cut.acceptors.sort();
            cut.acceptors.dedup();
        }
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.list(self.scopes.iter(), |w, cut| {
            w.array(2).bytes(cut.scope).option(cut.last, |w, last| {
                w.bytes(last);
            });
        });
        w.list(self.invitations.iter(), |w, cut| {
            w.array(2).bytes(cut.invitation).list(cut.acceptors.iter(), |w, acceptor| {
                w.bytes(acceptor);
            });
        });
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        let scopes = r.ascending_by("cuts", CUTS, read_cut, |cut| cut.scope)?;
        let invitations =
            r.ascending_by("invitation cuts", INVITATION_CUTS, read_invitation_cut, |cut| {
                cut.invitation
            })?;
        Ok(Self { scopes, invitations })
    }
}

fn read_cut(r: &mut Reader<'_>) -> Result<Cut, CodecError> {
    r.fields("cut", 2)?;
    let scope = PublicKey(r.fixed("scope")?);
    Ok(Cut { scope, last: r.option(|r| r.fixed("last").map(EventId))? })
}

fn read_invitation_cut(r: &mut Reader<'_>) -> Result<InvitationCut, CodecError> {
    r.fields("invitation cut", 2)?;
    let invitation = PublicKey(r.fixed("invitation")?);
    let acceptors =
        r.ascending("acceptors", RECOGNISED_ACCEPTORS, |r| r.fixed("acceptor").map(PublicKey))?;
    Ok(InvitationCut { invitation, acceptors })
}

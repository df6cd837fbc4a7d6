//! Where scopes and invitations end.

use myrhiza_kernel_api::limits::{CUTS, RECOGNISED_JOINS};
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

/// The end of an invitation: joins by it other than these are void, wherever they sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationCut {
    /// Its one-time key.
    pub invitation: PublicKey,
    /// Joins that stand, ascending.
    pub recognised: Vec<EventId>,
}

/// What a revoke or remove event ends.
///
/// Layout, two items: `[[scope, last or null]..]`, ascending by scope, then
/// `[[invitation, [join..]]..]`, ascending by invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Scopes, ascending, at most [`CUTS`].
    pub scopes: Vec<Cut>,
    /// Invitations, ascending, at most [`CUTS`], each with at most [`RECOGNISED_JOINS`] joins.
    pub invitations: Vec<InvitationCut>,
}

impl Cuts {
    /// Sorts everything as the encoding demands; of doubles the first stays.
    pub fn sort(&mut self) {
        self.scopes.sort_by_key(|cut| cut.scope);
        self.scopes.dedup_by_key(|cut| cut.scope);
        self.invitations.sort_by_key(|cut| cut.invitation);
        self.invitations.dedup_by_key(|cut| cut.invitation);
        for cut in &mut self.invitations {
            cut.recognised.sort();
            cut.recognised.dedup();
        }
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.list(self.scopes.iter(), |w, cut| {
            w.array(2).bytes(cut.scope).option(cut.last, |w, last| {
                w.bytes(last);
            });
        });
        w.list(self.invitations.iter(), |w, cut| {
            w.array(2).bytes(cut.invitation).list(cut.recognised.iter(), |w, join| {
                w.bytes(join);
            });
        });
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        let scopes = r.ascending_by("cuts", CUTS, read_cut, |cut| cut.scope)?;
        let invitations =
            r.ascending_by("invitation cuts", CUTS, read_invitation_cut, |cut| cut.invitation)?;
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
    let recognised =
        r.ascending("recognised joins", RECOGNISED_JOINS, |r| r.fixed("join").map(EventId))?;
    Ok(InvitationCut { invitation, recognised })
}

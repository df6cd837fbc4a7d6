use std::collections::BTreeMap;

use myrhiza_kernel_api::{EventId, PublicKey};

use crate::event::payload::{self, InvitationCut, Remove, Revoke};

/// The last recognised event of a scope; `None`: nothing of it is recognised.
pub(super) type Last = Option<EventId>;

/// What one `revoke` or `remove` event ends.
#[derive(Debug)]
pub(in crate::apply) struct Cut {
    /// The event.
    pub(in crate::apply) event: EventId,
    /// On whose authority: who signed the revoke, or the author of the remove.
    by: PublicKey,
    /// Whose scopes end.
    pub(in crate::apply) of: PublicKey,
    /// The scopes it names.
    scopes: BTreeMap<PublicKey, Last>,
    /// Whether scopes of that person which it does not name end entirely: those of a remove do.
    whole: bool,
    /// Invitations, ascending, each with the acceptors who stand, ascending: as the payload has
    /// them, since it may have tens of thousands.
    invitations: Vec<InvitationCut>,
}

impl Cut {
    pub(super) fn of_revoke(event: EventId, revoke: &Revoke) -> Self {
        let person = revoke.person();
        Self::new(event, (person, person), false, revoke.cuts())
    }

    pub(super) fn of_remove(event: EventId, by: PublicKey, remove: &Remove) -> Self {
        Self::new(event, (by, remove.person()), true, remove.cuts())
    }

    fn new(
        event: EventId,
        (by, of): (PublicKey, PublicKey),
        whole: bool,
        cuts: &payload::CutList,
    ) -> Self {
        let scopes = cuts.scopes.iter().map(|cut| (cut.scope, cut.last)).collect();
        Self { event, by, of, scopes, whole, invitations: cuts.invitations.clone() }
    }

    pub(super) fn by(&self) -> PublicKey {
        self.by
    }

    /// Whether it ends the person, not only scopes of theirs: whether it is a remove.
    pub(super) fn removes(&self) -> bool {
        self.whole
    }

    /// The invitations it names.
    pub(in crate::apply) fn invitations(&self) -> impl Iterator<Item = PublicKey> {
        self.invitations.iter().map(|cut| cut.invitation)
    }

    /// Behind which event it ends a scope of its person; `None` if it leaves that scope alone.
    pub(in crate::apply) fn last(&self, scope: PublicKey) -> Option<Last> {
        let named = self.scopes.get(&scope).copied();
        named.or_else(|| self.whole.then_some(None))
    }

    /// The acceptors of an invitation who stand, if it names that.
    pub(super) fn acceptors(&self, invitation: PublicKey) -> Option<&[PublicKey]> {
        let found =
            self.invitations.binary_search_by_key(&invitation, |cut| cut.invitation).ok()?;
        self.invitations.get(found).map(|cut| &*cut.acceptors)
    }

    /// Whether who accepted that invitation stands.
    pub(super) fn recognises_acceptor(&self, invitation: PublicKey, acceptor: PublicKey) -> bool {
        self.acceptors(invitation).is_some_and(|stand| stand.binary_search(&acceptor).is_ok())
    }
}

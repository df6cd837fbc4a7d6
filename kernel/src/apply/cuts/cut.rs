use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{EventId, PublicKey};

use crate::event::payload::{self, Remove, Revoke};

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
    /// The acceptors who stand, by the invitation they accepted.
    acceptors: BTreeMap<PublicKey, BTreeSet<PublicKey>>,
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
        let scopes = cuts.scopes.iter().map(|cut| (cut.scope, cut.last));
        let acceptors = cuts.invitations.iter().map(|cut| {
            let stand = cut.acceptors.iter().copied().collect();
            (cut.invitation, stand)
        });
        Self { event, by, of, scopes: scopes.collect(), whole, acceptors: acceptors.collect() }
    }

    pub(super) fn by(&self) -> PublicKey {
        self.by
    }

    /// The invitations it names.
    pub(in crate::apply) fn invitations(&self) -> impl Iterator<Item = PublicKey> {
        self.acceptors.keys().copied()
    }

    /// Behind which event it ends a scope of its person; `None` if it leaves that scope alone.
    pub(in crate::apply) fn last(&self, scope: PublicKey) -> Option<Last> {
        let named = self.scopes.get(&scope).copied();
        named.or_else(|| self.whole.then_some(None))
    }

    /// Whether who accepted that invitation stands.
    pub(super) fn recognises_acceptor(&self, invitation: PublicKey, acceptor: PublicKey) -> bool {
        self.acceptors.get(&invitation).is_some_and(|stand| stand.contains(&acceptor))
    }
}

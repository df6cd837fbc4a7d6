use std::collections::BTreeMap;
use std::sync::Arc;

use myrhiza_kernel_api::{EventId, PublicKey};

use crate::dag::Graph;
use crate::event::payload::CutList;
use crate::fault::Fault;

/// The last recognised event of a scope; `None`: nothing of it is recognised.
pub(super) type Last = Option<EventId>;

/// What a cutting event names. Of its invitations, which may fill a payload, only whether there are
/// any: which they are is looked up in the store.
#[derive(Clone, Debug)]
pub(super) struct Named {
    scopes: Arc<BTreeMap<PublicKey, Last>>,
    invitations: bool,
}

impl Named {
    pub(super) fn of(cuts: &CutList) -> Self {
        let scopes = cuts.scopes.iter().map(|cut| (cut.scope, cut.last)).collect();
        Self { scopes: Arc::new(scopes), invitations: !cuts.invitations.is_empty() }
    }
}

/// What one `revoke` or `remove` event ends.
#[derive(Debug)]
pub(in crate::apply) struct Cut {
    /// The event.
    pub(in crate::apply) event: EventId,
    /// On whose authority: who signed the revoke, or the author of the remove.
    by: PublicKey,
    /// Whose scopes end.
    pub(in crate::apply) of: PublicKey,
    named: Named,
    /// Whether scopes of that person which it does not name end entirely: those of a remove do.
    whole: bool,
}

impl Cut {
    pub(super) const fn of_revoke(event: EventId, person: PublicKey, named: Named) -> Self {
        Self { event, by: person, of: person, named, whole: false }
    }

    pub(super) const fn of_remove(
        event: EventId,
        by: PublicKey,
        person: PublicKey,
        named: Named,
    ) -> Self {
        Self { event, by, of: person, named, whole: true }
    }

    pub(super) fn by(&self) -> PublicKey {
        self.by
    }

    /// Whether it ends the person, not only scopes of theirs: whether it is a remove.
    pub(super) fn removes(&self) -> bool {
        self.whole
    }

    /// Behind which event it ends a scope of its person; `None` if it leaves that scope alone.
    pub(in crate::apply) fn last(&self, scope: PublicKey) -> Option<Last> {
        let named = self.named.scopes.get(&scope).copied();
        named.or_else(|| self.whole.then_some(None))
    }

    /// Whether it names an invitation.
    pub(super) fn names(&self, graph: Graph<'_>, invitation: PublicKey) -> Result<bool, Fault> {
        Ok(self.named.invitations && graph.cuts_invitation(self.event, invitation)?)
    }

    /// Whether who accepted that invitation stands.
    pub(super) fn recognises_acceptor(
        &self,
        graph: Graph<'_>,
        invitation: PublicKey,
        acceptor: PublicKey,
    ) -> Result<bool, Fault> {
        Ok(self.named.invitations && graph.recognises_acceptor(self.event, invitation, acceptor)?)
    }
}

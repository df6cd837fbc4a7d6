//! What a cutting event says of invitations, as rows: a list of them may fill a whole payload, and a
//! join is compared with one.

use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::Graph;
use crate::event::payload::CutList;
use crate::fault::Fault;
use crate::order::TopicKeys;
use crate::schema;
use crate::state::Overlay;

/// Writes the rows of a `revoke` or `remove` event.
pub fn index_cuts(overlay: &mut Overlay, topic: TopicId, event: EventId, cuts: &CutList) {
    let keys = TopicKeys { topic };
    for cut in &cuts.invitations {
        let named = [event.as_ref(), cut.invitation.as_ref()];
        overlay.put(schema::CUT_INVITATIONS, keys.key(&named), []);
        for acceptor in &cut.acceptors {
            let stands = [event.as_ref(), cut.invitation.as_ref(), acceptor.as_ref()];
            overlay.put(schema::CUT_INVITATIONS, keys.key(&stands), []);
        }
    }
}

impl Graph<'_> {
    /// Whether a cutting event names an invitation.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn cuts_invitation(&self, event: EventId, invitation: PublicKey) -> Result<bool, Fault> {
        self.is_indexed(&[event.as_ref(), invitation.as_ref()])
    }

    /// Whether it says that who accepted that invitation stands.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn recognises_acceptor(
        &self,
        event: EventId,
        invitation: PublicKey,
        acceptor: PublicKey,
    ) -> Result<bool, Fault> {
        self.is_indexed(&[event.as_ref(), invitation.as_ref(), acceptor.as_ref()])
    }

    fn is_indexed(&self, parts: &[&[u8]]) -> Result<bool, Fault> {
        Ok(self.reader.get(schema::CUT_INVITATIONS, &self.keys.key(parts))?.is_some())
    }
}

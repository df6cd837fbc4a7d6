//! What cuts say of who may still come in, for those who serve a topic's log.

use std::collections::BTreeSet;

use super::Cuts;
use crate::dag::Graph;
use crate::event::Founding;
use crate::event::payload::{Invitation, Link};
use crate::fault::Fault;

impl Cuts {
    /// Whether a chain of accepted invitations no longer lets anybody in.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn ends_chain(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        chain: &[Link],
    ) -> Result<bool, Fault> {
        self.chain_void(graph, topic, chain)
    }

    /// Whether an invitation that nobody has accepted yet, issued by the last acceptor of `chain`,
    /// no longer lets anybody in.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn ends_invitation(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        chain: &[Link],
        invitation: &Invitation,
    ) -> Result<bool, Fault> {
        let (key, issuer) = (invitation.key(), invitation.issuer());
        let above = chain.iter().map(|link| link.invitation.issuer().person());
        let may_cut: BTreeSet<_> = above.chain([issuer.person(), topic.founder()]).collect();
        if self.ends(issuer.person(), issuer.scope()) || self.ends_chain(graph, topic, chain)? {
            return Ok(true);
        }
        for cut in may_cut.into_iter().flat_map(|person| self.made_by(person)) {
            if cut.names(graph, key)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

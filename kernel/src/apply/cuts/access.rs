//! What cuts say of who may still come in, for those who serve a topic's log.

use super::Cuts;
use crate::event::Founding;
use crate::event::payload::{Invitation, Join, Link};

impl Cuts {
    /// Whether a chain of accepted invitations no longer lets anybody in.
    pub fn ends_chain(&self, topic: &Founding, chain: &[Link]) -> bool {
        !chain.is_empty() && self.join_void(topic, &Join::Invited(chain.to_vec()))
    }

    /// Whether an invitation that nobody has accepted yet, issued by the last acceptor of `chain`,
    /// no longer lets anybody in.
    pub fn ends_invitation(
        &self,
        topic: &Founding,
        chain: &[Link],
        invitation: &Invitation,
    ) -> bool {
        let (key, issuer) = (invitation.key(), invitation.issuer());
        let above = chain.iter().map(|link| link.invitation.issuer().person());
        let mut may_cut = above.chain([issuer.person(), topic.founder()]);
        let by = |person| self.by_person.get(&person).into_iter().flatten();
        self.ends(issuer.person(), issuer.scope())
            || self.ends_chain(topic, chain)
            || may_cut.any(|person| by(person).any(|cut| cut.acceptors(key).is_some()))
    }
}

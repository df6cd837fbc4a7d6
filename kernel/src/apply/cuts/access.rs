//! What cuts say of who may still come in, for those who serve a topic's log.

use myrhiza_kernel_api::PublicKey;

use super::Cuts;
use crate::event::Founding;
use crate::event::payload::{Invitation, Join, Link};

impl Cuts {
    /// Whether a scope of `person` is ended, by themselves or with their membership.
    pub fn ends_scope(&self, person: PublicKey, scope: PublicKey) -> bool {
        self.of_scope(person, scope).next().is_some()
    }

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
        let issuer = invitation.issuer();
        let above = || chain.iter().map(|link| link.invitation.issuer().person());
        let may_cut = |by: PublicKey| {
            by == topic.founder() || by == issuer.person() || above().any(|person| person == by)
        };
        let alone = self.of_invitation.get(&invitation.key()).into_iter().flatten();
        self.ends_scope(issuer.person(), issuer.scope())
            || self.ends_chain(topic, chain)
            || alone.into_iter().any(|cut| may_cut(cut.by()))
    }
}

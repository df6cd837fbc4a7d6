//! What cuts say of who may still come in, for those who serve a topic's log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use myrhiza_kernel_api::{Hash, PublicKey, Snapshot, TopicId};

use super::Cuts;
use crate::apply::Facts;
use crate::dag::Graph;
use crate::event::Founding;
use crate::event::payload::{Invitation, Link};
use crate::fault::Fault;
use crate::state::trie::Trie;

/// Most invitations of which it is kept whether an acceptor has ended; with more all are forgotten, and
/// looked at again when they are asked for.
const INVITATIONS: usize = 1_024;

/// By invitation: whether an acceptor has ended, by the state with that root.
pub(super) type Acceptors = BTreeMap<PublicKey, (Hash, bool)>;

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

    /// Whether a scope that came in by an invitation has ended since: it may be who shows the invitation
    /// again. It is looked for once for each state, however many show it.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn ends_acceptor(
        &self,
        reader: &dyn Snapshot,
        topic: TopicId,
        invitation: PublicKey,
    ) -> Result<bool, Fault> {
        if self.is_empty() {
            return Ok(false);
        }
        let state = Trie::state(topic).root(reader)?.hash;
        // Whoever panicked meanwhile has left whole entries only.
        let known = || self.acceptors.lock().unwrap_or_else(PoisonError::into_inner);
        let last = known().get(&invitation).copied();
        if let Some((at, ended)) = last
            && at == state
        {
            return Ok(ended);
        }
        let ended = self.has_ended_acceptor(Facts::new(reader, topic), invitation)?;
        let mut known = known();
        if known.len() >= INVITATIONS {
            known.clear();
        }
        known.insert(invitation, (state, ended));
        Ok(ended)
    }

    /// Looks for it among those who came in or among the persons whom something cuts, whichever are
    /// fewer: neither many who came in by one ticket nor many cuts alone make it take long.
    fn has_ended_acceptor(&self, facts: Facts<'_>, invitation: PublicKey) -> Result<bool, Fault> {
        let uses = usize::try_from(facts.uses(invitation)?).unwrap_or(usize::MAX);
        if uses <= self.of_person.len() {
            for scope in facts.acceptors(invitation)? {
                let claims = facts.claims(scope)?;
                if claims.iter().any(|claim| self.ends(claim.person, scope)) {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        for person in self.of_person.keys() {
            for scope in facts.scopes_of(*person)? {
                if self.ends(*person, scope) && facts.accepted(invitation, scope)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

use std::collections::BTreeSet;

use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use super::cuts::Cut;
use super::{Cuts, Facts};
use crate::dag::Graph;
use crate::event::Founding;
use crate::event::payload::Payload;
use crate::fault::Fault;
use crate::order::Place;

/// Where the fold has to start again when the cuts in force change from `old` to `new`: before the
/// first folded event whose verdict may differ. `None` if none does.
///
/// Cuts nearly always grow, and then the cost is that of what they cut. Where one falls away, since
/// an event of somebody higher up came in late or somebody who had revoked is removed, the topic is
/// folded again from its genesis.
///
/// # Errors
/// [`Fault`]
pub fn affected(
    reader: &dyn Snapshot,
    topic: &Founding,
    old: &Cuts,
    new: &Cuts,
) -> Result<Option<Place>, Fault> {
    if !new.include(old) || new.silence(old) {
        return Ok(Some(Place { epoch: 0, height: 0, id: EventId([0; 32]) }));
    }
    let reached = Reached { graph: Graph::new(reader, topic.topic()), reader, topic, cuts: new };
    let mut first: Option<Place> = None;
    for cut in new.beyond(old) {
        for place in [reached.itself(cut)?, reached.event(cut)?, reached.join(cut)?] {
            first = match (first, place) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    Ok(first)
}

/// What of a log a new cut reaches.
struct Reached<'a> {
    reader: &'a dyn Snapshot,
    graph: Graph<'a>,
    topic: &'a Founding,
    cuts: &'a Cuts,
}

impl Reached<'_> {
    /// The cut's own event: that it counts is its verdict.
    fn itself(&self, cut: &Cut) -> Result<Option<Place>, Fault> {
        Ok(self.graph.node(cut.event)?.map(|node| node.place))
    }

    /// The first event it ends of a scope in the topic. A scope that is not brings nothing about.
    fn event(&self, cut: &Cut) -> Result<Option<Place>, Fault> {
        let mut first: Option<Place> = None;
        for scope in self.facts().scopes_of(cut.of)? {
            let Some(last) = cut.last(scope) else { continue };
            let forked = crate::dag::has_forked(self.reader, self.topic.topic(), scope)?;
            // An author who forked may have other branches below the last recognised event.
            let from = match last {
                Some(last) if !forked => {
                    self.graph.node(last)?.map_or(0, |node| node.seq.saturating_add(1))
                }
                _ => 0,
            };
            for id in self.graph.numbered(scope, from)? {
                let place = self.graph.known(id)?.place;
                first = Some(first.map_or(place, |earlier| earlier.min(place)));
            }
        }
        Ok(first)
    }

    /// The first accepted join by an invitation that ends with it.
    fn join(&self, cut: &Cut) -> Result<Option<Place>, Fault> {
        let facts = self.facts();
        let mut invitations = self.named(cut)?;
        let issued = facts.invitations_of(cut.of)?.into_iter();
        let ended = issued.filter(|(scope, _)| cut.last(*scope).is_some());
        invitations.extend(ended.map(|(_, invitation)| invitation));
        let mut first: Option<Place> = None;
        for invitation in invitations {
            for place in facts.joins(invitation)? {
                let earlier = first.is_none_or(|first| place < first);
                if earlier
                    && let Ok(Payload::Join(join)) =
                        Payload::decode(self.graph.event(place)?.body())
                    && self.cuts.join_void(self.graph, self.topic, &join)?
                {
                    first = Some(place);
                    break;
                }
            }
        }
        Ok(first)
    }

    /// The invitations it names, as its event has them.
    fn named(&self, cut: &Cut) -> Result<BTreeSet<PublicKey>, Fault> {
        let event = self.graph.event(self.graph.known(cut.event)?.place)?;
        let payload = Payload::decode(event.body()).ok();
        let cuts = payload.as_ref().and_then(Payload::cuts);
        Ok(cuts.into_iter().flat_map(|cuts| &cuts.invitations).map(|cut| cut.invitation).collect())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::new(self.reader, self.topic.topic())
    }
}

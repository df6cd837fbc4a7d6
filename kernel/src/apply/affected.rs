use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use super::{Cuts, Facts};
use crate::dag::Graph;
use crate::event::Founding;
use crate::fault::Fault;
use crate::order::Place;

/// Where the fold has to start again when the cuts in force change from `old` to `new`: before the
/// first folded event whose verdict may differ. `None` if none does.
///
/// Cuts nearly always grow, and then the cost is that of what they cut. Where one falls away, since
/// an event of somebody higher up came in late, or a join came in that one recognises, the topic is
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
    if old == new {
        return Ok(None);
    }
    if !new.include(old) || new.joined_since(old) {
        return Ok(Some(Place { epoch: 0, height: 0, id: EventId([0; 32]) }));
    }
    let graph = Graph::new(reader, topic.topic());
    let facts = Facts::new(reader, topic.topic());
    let beyond = new.beyond(old);
    let mut first: Option<Place> = None;
    let mut take = |place: Option<Place>| {
        first = match (first, place) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    };
    for (person, scope) in beyond.scopes {
        // Who cuts somebody else's scope, or one that is rejected anyway, changes nothing.
        if facts.scope(scope)?.is_some_and(|record| record.person == person) {
            take(first_cut(reader, graph, new, person, scope)?);
        }
    }
    for person in beyond.persons {
        for scope in facts.scopes_of(person)? {
            take(first_cut(reader, graph, new, person, scope)?);
        }
    }
    for invitation in beyond.invitations {
        take(facts.first_join(invitation)?);
    }
    for remove in beyond.removes {
        take(graph.node(remove)?.map(|node| node.place));
    }
    Ok(first)
}

/// The first event of a scope that is cut off.
fn first_cut(
    reader: &dyn Snapshot,
    graph: Graph<'_>,
    cuts: &Cuts,
    person: PublicKey,
    scope: PublicKey,
) -> Result<Option<Place>, Fault> {
    let forked = crate::dag::has_forked(reader, graph.topic(), scope)?;
    let mut first: Option<Place> = None;
    for last in cuts.lasts(person, scope) {
        // An author who forked may have other branches below the last recognised event.
        let from = match last {
            Some(last) if !forked => graph.node(last)?.map_or(0, |node| node.seq.saturating_add(1)),
            _ => 0,
        };
        for id in graph.numbered(scope, from)? {
            let place = graph.known(id)?.place;
            first = Some(first.map_or(place, |earlier| earlier.min(place)));
        }
    }
    Ok(first)
}

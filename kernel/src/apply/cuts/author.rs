//! Who the author of removes is, by what brought their scope into the topic on the chain of these.

use myrhiza_kernel_api::{EventId, PublicKey};

use super::Cuts;
use crate::dag::{Graph, Node};
use crate::event::Founding;
use crate::event::payload::Payload;
use crate::fault::Fault;
use crate::identity::Certificate;

/// What brought a scope into the topic: the introductions on one chain.
#[derive(Debug)]
pub(super) struct Author {
    /// In the order of the chain.
    introductions: Vec<Introduction>,
    depth: usize,
}

/// An event that introduces a scope to a topic.
#[derive(Debug)]
struct Introduction {
    person: PublicKey,
    /// How many invitations the person is away from the founder.
    depth: usize,
    event: Node,
    /// If that is a delegate, the memberships it names.
    joins: Vec<Node>,
}

impl Author {
    /// Reads it for the events that follow an introduction.
    ///
    /// # Errors
    /// [`Fault`]
    pub(super) fn of(graph: Graph<'_>, entry: EventId) -> Result<Self, Fault> {
        let mut introductions = Vec::new();
        for node in graph.entries_of_chain(entry)?.into_iter().rev() {
            introductions.extend(Introduction::of(graph, node)?);
        }
        let depth = introductions.iter().map(|by| by.depth).min().unwrap_or(usize::MAX);
        Ok(Self { introductions, depth })
    }

    /// How many invitations the author is away from the founder.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// The person of the first introduction that is not void by these cuts.
    pub(super) fn person(
        &self,
        cuts: &Cuts,
        graph: Graph<'_>,
        topic: &Founding,
    ) -> Result<Option<PublicKey>, Fault> {
        for introduction in &self.introductions {
            if introduction.stands(cuts, graph, topic)? {
                return Ok(Some(introduction.person));
            }
        }
        Ok(None)
    }
}

impl Introduction {
    fn of(graph: Graph<'_>, node: Node) -> Result<Option<Self>, Fault> {
        let event = graph.event(node.place)?;
        let payload = Payload::decode(event.body()).ok();
        let certificate = payload.as_ref().and_then(Payload::certificate);
        let Some(person) = certificate.map(Certificate::person) else { return Ok(None) };
        if let Some(depth) = payload.as_ref().and_then(depth) {
            return Ok(Some(Self { person, depth, event: node, joins: Vec::new() }));
        }
        let (mut nearest, mut joins) = (usize::MAX, Vec::new());
        for parent in &event.header().parents {
            let parent = graph.known(*parent)?;
            let payload = Payload::decode(graph.event(parent.place)?.body()).ok();
            if let Some(depth) = payload.as_ref().and_then(depth)
                && payload.as_ref().and_then(Payload::member) == Some(person)
            {
                nearest = nearest.min(depth);
                joins.push(parent);
            }
        }
        Ok(Some(Self { person, depth: nearest, event: node, joins }))
    }

    /// Whether what brought a scope into the topic is not void itself.
    fn stands(&self, cuts: &Cuts, graph: Graph<'_>, topic: &Founding) -> Result<bool, Fault> {
        if cuts.node_void(graph, topic, &self.event, self.person)? {
            return Ok(false);
        }
        for join in &self.joins {
            if !cuts.node_void(graph, topic, join, self.person)? {
                return Ok(true);
            }
        }
        Ok(self.joins.is_empty())
    }
}

/// How many invitations the person an event makes a member is away from the founder.
fn depth(payload: &Payload) -> Option<usize> {
    match payload {
        Payload::Genesis(_) => Some(0),
        Payload::Join(join) => Some(join.chain().len().max(1)),
        _ => None,
    }
}

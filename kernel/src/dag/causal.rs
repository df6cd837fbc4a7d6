use myrhiza_kernel_api::{EventId, PublicKey};

use crate::dag::{Graph, Node};
use crate::event::payload::{Cut, Payload};
use crate::event::{AdmissionError, Event, Header, Kind};
use crate::fault::Fault;

/// Why an event will never be in the log, whoever sends it and whenever.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is wrong in itself.
    #[error(transparent)]
    Alone(#[from] AdmissionError),
    /// `prev` is not the author's event before it.
    #[error("`prev` {prev} is not event {want} of the same scope", want = .seq.saturating_sub(1))]
    Prev {
        /// The event named.
        prev: EventId,
        /// The number of the refused event.
        seq: u64,
    },
    /// A `delegate` without the membership it extends.
    #[error("a delegate names, among its parents, the event by which its person joined; none is")]
    NotAMember,
    /// A `remove` without the membership it ends.
    #[error("a remove names, among its parents, the event by which that person joined; none is")]
    NotJoined,
    /// A cut behind an event that is not in the causal past where everybody can find it.
    #[error(
        "the cut of scope {scope} names its last recognised event, which must be among the event's parents and of that scope"
    )]
    Cut {
        /// The scope cut.
        scope: PublicKey,
    },
    /// Heights have an end that no honest log reaches.
    #[error("the event is too deep")]
    TooDeep,
}

/// What an event names, resolved.
pub(super) struct Past {
    pub(super) prev: Option<Node>,
    pub(super) parents: Vec<Node>,
}

impl Past {
    /// `1 +` the greatest height named.
    pub(super) fn height(&self) -> Result<u64, Refusal> {
        let highest = self.prev.iter().chain(&self.parents).map(|node| node.place.height).max();
        highest.map_or(Ok(0), |height| height.checked_add(1).ok_or(Refusal::TooDeep))
    }

    /// Whether `prev`, if it is there, is the event before of the same scope. That can be told before
    /// the rest of what an event names is there.
    pub(super) fn follows(&self, header: &Header) -> Result<(), Refusal> {
        match self.prev {
            Some(prev)
                if prev.scope != header.scope || prev.seq.checked_add(1) != Some(header.seq) =>
            {
                Err(Refusal::Prev { prev: prev.place.id, seq: header.seq })
            }
            _ => Ok(()),
        }
    }

    /// Whether each cut's last recognised event is named: what a cut recognises must not depend on
    /// what arrives later.
    fn holds(&self, cuts: &[Cut]) -> Result<(), Refusal> {
        let named = |cut: &Cut| {
            let is_last = |node: &Node| Some(node.place.id) == cut.last && node.scope == cut.scope;
            cut.last.is_none() || self.prev.iter().chain(&self.parents).any(is_last)
        };
        match cuts.iter().find(|cut| !named(cut)) {
            Some(cut) => Err(Refusal::Cut { scope: cut.scope }),
            None => Ok(()),
        }
    }
}

/// Judges an event, with its payload, against the events it names.
pub(super) fn check(
    graph: Graph<'_>,
    event: &Event,
    payload: &Payload,
    past: &Past,
) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = past.follows(event.header()) {
        return Ok(Err(refusal));
    }
    let introduces = |person| {
        let introduction = |node: &&Node| matches!(node.kind, Kind::Genesis | Kind::Join);
        for node in past.parents.iter().filter(introduction) {
            if introduced(graph, node)? == Some(person) {
                return Ok::<_, Fault>(true);
            }
        }
        Ok(false)
    };
    Ok(match payload {
        Payload::Delegate(delegate) if !introduces(delegate.certificate.person())? => {
            Err(Refusal::NotAMember)
        }
        Payload::Remove(remove) if !introduces(remove.person())? => Err(Refusal::NotJoined),
        Payload::Remove(remove) => past.holds(&remove.cuts().scopes),
        Payload::Revoke(revoke) => past.holds(&revoke.cuts().scopes),
        _ => Ok(()),
    })
}

/// The person an event of the log made a member.
fn introduced(graph: Graph<'_>, node: &Node) -> Result<Option<PublicKey>, Fault> {
    Ok(Payload::decode(graph.event(node.place)?.body()).ok().and_then(|payload| payload.member()))
}

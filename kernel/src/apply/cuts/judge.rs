//! Which cuts count: all revokes, and those removes whose authors may.

use myrhiza_kernel_api::{PublicKey, Snapshot};

use super::Cuts;
use super::cut::Cut;
use crate::dag::Graph;
use crate::event::payload::Payload;
use crate::event::{Body, Event, Founding, Kind};
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// A remove, and what brought its author into the topic.
struct Claim {
    /// In canonical order.
    introductions: Vec<Introduction>,
    place: Place,
    body: Body,
}

impl Claim {
    /// How many invitations the author is away from the founder.
    fn depth(&self) -> usize {
        self.introductions.iter().map(|by| by.depth).min().unwrap_or(usize::MAX)
    }
}

impl Cuts {
    /// The cuts in force, from all `revoke` and `remove` events of the log.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn of(reader: &dyn Snapshot, topic: &Founding) -> Result<Self, Fault> {
        Self::default().renewed(reader, topic)
    }

    /// The cuts in force now, where these were before. What was found out about branches is kept.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn renewed(&self, reader: &dyn Snapshot, topic: &Founding) -> Result<Self, Fault> {
        Self::from(reader, topic, self, Vec::new())
    }

    /// The cuts that would be in force with a candidate, for its dry run.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn with(
        reader: &dyn Snapshot,
        topic: &Founding,
        candidate: &Body,
        place: Place,
    ) -> Result<Self, Fault> {
        Self::from(reader, topic, &Self::default(), vec![(place, candidate.clone())])
    }

    fn from(
        reader: &dyn Snapshot,
        topic: &Founding,
        before: &Self,
        mut bodies: Vec<(Place, Body)>,
    ) -> Result<Self, Fault> {
        let graph = Graph::new(reader, topic.topic());
        for place in places(reader, topic)? {
            bodies.push((place, graph.event(place)?.body().clone()));
        }
        let mut cuts = Self { branches: before.branches.clone(), ..Self::default() };
        let mut claims = Vec::new();
        for (place, body) in bodies {
            match Payload::decode(&body) {
                Ok(Payload::Revoke(revoke)) => cuts.add(Cut::of_revoke(body.id(), &revoke)),
                Ok(Payload::Remove(_)) => {
                    let introductions = introductions(graph, body.header().scope)?;
                    claims.push(Claim { introductions, place, body });
                }
                _ => return Err(Fault::damaged(format!("the cut at {place}"), "another kind")),
            }
        }
        claims.sort_by_key(|claim| (claim.depth(), claim.place));
        for Claim { introductions, body, .. } in claims {
            let Ok(Payload::Remove(remove)) = Payload::decode(&body) else { continue };
            let Some(author) = cuts.author(graph, topic, introductions)? else { continue };
            let void = cuts.void(graph, topic, &body, author)?;
            let above =
                author == topic.founder() || invited_below(graph, &body, remove.person(), author)?;
            if !void && above && remove.person() != topic.founder() {
                cuts.add(Cut::of_remove(body.id(), author, &remove));
            }
        }
        Ok(cuts)
    }

    /// The person of the first introduction of a scope that is not void.
    fn author(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        introductions: Vec<Introduction>,
    ) -> Result<Option<PublicKey>, Fault> {
        for introduction in introductions {
            if self.stands(graph, topic, &introduction)? {
                return Ok(Some(introduction.person));
            }
        }
        Ok(None)
    }

    /// Whether what brought a scope into the topic is not void itself.
    fn stands(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        author: &Introduction,
    ) -> Result<bool, Fault> {
        if self.void(graph, topic, author.event.body(), author.person)? {
            return Ok(false);
        }
        for join in &author.joins {
            if !self.void(graph, topic, join.body(), author.person)? {
                return Ok(true);
            }
        }
        Ok(author.joins.is_empty())
    }
}

/// An event that introduces a scope to a topic.
struct Introduction {
    person: PublicKey,
    /// How many invitations the person is away from the founder.
    depth: usize,
    event: Event,
    /// If that is a delegate, the memberships it names.
    joins: Vec<Event>,
}

fn places(reader: &dyn Snapshot, topic: &Founding) -> Result<Vec<Place>, Fault> {
    use myrhiza_kernel_api::StoreExt;
    let keys = TopicKeys { topic: topic.topic() };
    let entries = reader.prefix(schema::CUTS, &keys.key(&[]), usize::MAX)?;
    let place = |(key, _): (Vec<u8>, Vec<u8>)| {
        keys.read_place(&key).ok_or_else(|| Fault::damaged("the key of a cut", "bad layout"))
    };
    entries.into_iter().map(place).collect()
}

/// What introduces a scope, in canonical order.
fn introductions(graph: Graph<'_>, scope: PublicKey) -> Result<Vec<Introduction>, Fault> {
    let mut found = Vec::new();
    for place in graph.entries(scope)? {
        found.extend(introduction(graph, place)?);
    }
    Ok(found)
}

fn introduction(graph: Graph<'_>, place: Place) -> Result<Option<Introduction>, Fault> {
    let event = graph.event(place)?;
    let payload = Payload::decode(event.body()).ok();
    let Some(person) = payload.as_ref().and_then(Payload::certificate).map(Certificate::person)
    else {
        return Ok(None);
    };
    if let Some(depth) = payload.as_ref().and_then(depth) {
        return Ok(Some(Introduction { person, depth, event, joins: Vec::new() }));
    }
    let (mut nearest, mut joins) = (usize::MAX, Vec::new());
    for parent in &event.header().parents {
        let parent = graph.event(graph.known(*parent)?.place)?;
        let payload = Payload::decode(parent.body()).ok();
        let member = payload.as_ref().and_then(Payload::member);
        if let Some(depth) = payload.as_ref().and_then(depth)
            && member == Some(person)
        {
            nearest = nearest.min(depth);
            joins.push(parent);
        }
    }
    Ok(Some(Introduction { person, depth: nearest, event, joins }))
}

/// How many invitations the person an event makes a member is away from the founder.
fn depth(payload: &Payload) -> Option<usize> {
    match payload {
        Payload::Genesis(_) => Some(0),
        Payload::Join(join) => Some(join.chain().len().max(1)),
        _ => None,
    }
}

/// Whether a join of `person` that the event names as parent has `above` in its chain.
fn invited_below(
    graph: Graph<'_>,
    event: &Body,
    person: PublicKey,
    above: PublicKey,
) -> Result<bool, Fault> {
    for parent in &event.header().parents {
        let node = graph.known(*parent)?;
        if node.kind != Kind::Join {
            continue;
        }
        if let Ok(Payload::Join(join)) = Payload::decode(graph.event(node.place)?.body())
            && join.certificate().is_some_and(|by| by.person() == person)
            && join.chain().iter().any(|link| link.invitation.issuer().person() == above)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

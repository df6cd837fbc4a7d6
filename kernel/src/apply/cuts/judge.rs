//! Which cuts count: all revokes, and those removes whose authors may.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use super::Cuts;
use super::cut::Cut;
use crate::dag::Graph;
use crate::event::payload::{Payload, Remove};
use crate::event::{Body, Event, Founding, Kind};
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// What the `revoke` and `remove` events of a log say, which never changes: each is read once.
pub(super) type Decoded = Arc<BTreeMap<EventId, Word>>;

#[derive(Clone, Debug)]
pub(super) enum Word {
    Revoke(Arc<Cut>),
    Remove(Arc<Removal>),
}

/// A remove that may count.
#[derive(Debug)]
pub(super) struct Removal {
    place: Place,
    body: Body,
    remove: Remove,
}

impl Word {
    fn of(place: Place, body: Body) -> Result<Self, Fault> {
        match Payload::decode(&body) {
            Ok(Payload::Revoke(revoke)) => {
                Ok(Self::Revoke(Arc::new(Cut::of_revoke(body.id(), &revoke))))
            }
            Ok(Payload::Remove(remove)) => {
                Ok(Self::Remove(Arc::new(Removal { place, body, remove })))
            }
            _ => Err(Fault::damaged(format!("the cut at {place}"), "another kind")),
        }
    }
}

/// What brought the author of removes into the topic.
struct Author {
    /// In canonical order.
    introductions: Vec<Introduction>,
    /// How many invitations the author is away from the founder.
    depth: usize,
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
        Self::from(reader, topic, self, None)
    }

    /// The cuts that would be in force with a candidate, for its dry run.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn with(
        &self,
        reader: &dyn Snapshot,
        topic: &Founding,
        candidate: &Body,
        place: Place,
    ) -> Result<Self, Fault> {
        Self::from(reader, topic, self, Some((place, candidate.clone())))
    }

    fn from(
        reader: &dyn Snapshot,
        topic: &Founding,
        before: &Self,
        candidate: Option<(Place, Body)>,
    ) -> Result<Self, Fault> {
        let graph = Graph::new(reader, topic.topic());
        let mut decoded = BTreeMap::new();
        for place in places(reader, topic)? {
            let word = match before.decoded.get(&place.id) {
                Some(word) => word.clone(),
                None => Word::of(place, graph.event(place)?.body().clone())?,
            };
            decoded.insert(place.id, word);
        }
        let mut cuts = Self { branches: before.branches.clone(), ..Self::default() };
        let mut removals = Vec::new();
        let candidate = candidate.map(|(place, body)| Word::of(place, body)).transpose()?;
        for word in decoded.values().chain(&candidate) {
            match word {
                Word::Revoke(cut) => cuts.add(Arc::clone(cut)),
                Word::Remove(removal) => removals.push(Arc::clone(removal)),
            }
        }
        cuts.decoded = Arc::new(decoded);
        let mut authors: BTreeMap<PublicKey, Author> = BTreeMap::new();
        for removal in &removals {
            let scope = removal.body.header().scope;
            if let Entry::Vacant(entry) = authors.entry(scope) {
                entry.insert(author(graph, scope)?);
            }
        }
        let depth = |removal: &Removal| {
            authors.get(&removal.body.header().scope).map_or(usize::MAX, |author| author.depth)
        };
        removals.sort_by_key(|removal| (depth(removal), removal.place));
        for removal in removals {
            let Removal { body, remove, .. } = &*removal;
            let introductions =
                authors.get(&body.header().scope).map_or(&[][..], |author| &author.introductions);
            let Some(author) = cuts.author(graph, topic, introductions)? else { continue };
            let void = cuts.void(graph, topic, body, author)?;
            let above =
                author == topic.founder() || invited_below(graph, body, remove.person(), author)?;
            if !void && above && remove.person() != topic.founder() {
                cuts.add(Arc::new(Cut::of_remove(body.id(), author, remove)));
            }
        }
        Ok(cuts)
    }

    /// The person of the first introduction of a scope that is not void.
    fn author(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        introductions: &[Introduction],
    ) -> Result<Option<PublicKey>, Fault> {
        for introduction in introductions {
            if self.stands(graph, topic, introduction)? {
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
    let topic = keys.key(&[]);
    let mut entries = reader.prefix(schema::CUTS, &topic, usize::MAX)?;
    // Their count, which is under the topic alone.
    entries.retain(|(key, _)| *key != topic);
    let place = |(key, _): (Vec<u8>, Vec<u8>)| {
        keys.read_place(&key).ok_or_else(|| Fault::damaged("the key of a cut", "bad layout"))
    };
    entries.into_iter().map(place).collect()
}

fn author(graph: Graph<'_>, scope: PublicKey) -> Result<Author, Fault> {
    let mut introductions = Vec::new();
    for place in graph.entries(scope)? {
        introductions.extend(introduction(graph, place)?);
    }
    let depth = introductions.iter().map(|by| by.depth).min().unwrap_or(usize::MAX);
    Ok(Author { introductions, depth })
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

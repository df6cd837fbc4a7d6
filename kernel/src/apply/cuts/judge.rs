//! Which cuts count: all revokes, and those removes whose authors may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use super::Cuts;
use super::author::Author;
use super::cut::{Cut, Named};
use crate::dag::{Graph, Node, index_cuts};
use crate::event::payload::{Payload, Remove};
use crate::event::{Body, Founding, Kind};
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;

/// What the `revoke` and `remove` events of a log say, which never changes: each is read once.
pub(super) type Decoded = Arc<BTreeMap<EventId, Word>>;

/// By the introduction they follow, who the authors of removes are. That never changes either.
pub(super) type Authors = Arc<BTreeMap<EventId, Arc<Author>>>;

#[derive(Clone, Debug)]
pub(super) enum Word {
    Revoke(Arc<Cut>),
    Remove(Arc<Removal>),
}

/// A remove that may count.
#[derive(Debug)]
pub(super) struct Removal {
    node: Node,
    person: PublicKey,
    /// Who has invited that person, and who these, by the joins it names.
    above: BTreeSet<PublicKey>,
    named: Named,
}

impl Word {
    fn of(graph: Graph<'_>, place: Place, body: &Body) -> Result<Self, Fault> {
        match Payload::decode(body) {
            Ok(Payload::Revoke(revoke)) => {
                let named = Named::of(revoke.cuts());
                Ok(Self::Revoke(Arc::new(Cut::of_revoke(place.id, revoke.person(), named))))
            }
            Ok(Payload::Remove(remove)) => {
                Ok(Self::Remove(Arc::new(Removal::of(graph, place, body, &remove)?)))
            }
            _ => Err(Fault::damaged(format!("the cut at {place}"), "another kind")),
        }
    }
}

impl Removal {
    fn of(graph: Graph<'_>, place: Place, body: &Body, remove: &Remove) -> Result<Self, Fault> {
        let (header, person) = (body.header(), remove.person());
        let mut above = BTreeSet::new();
        for parent in &header.parents {
            let parent = graph.known(*parent)?;
            if parent.kind == Kind::Join
                && let Ok(Payload::Join(join)) = Payload::decode(graph.event(parent.place)?.body())
                && join.certificate().map(Certificate::person) == Some(person)
            {
                above.extend(join.chain().iter().map(|link| link.invitation.issuer().person()));
            }
        }
        let (scope, seq, kind) = (header.scope, header.seq, header.kind);
        let node = Node { place, scope, seq, kind, entry: graph.entry(body)? };
        Ok(Self { node, person, above, named: Named::of(remove.cuts()) })
    }

    /// The cut it is on the authority of its author.
    fn by(&self, author: PublicKey) -> Cut {
        Cut::of_remove(self.node.place.id, author, self.person, self.named.clone())
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

    /// The cuts in force now, where these were before, and since then there are more events that
    /// cut. What was found out about those before is kept.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn renewed(&self, reader: &dyn Snapshot, topic: &Founding) -> Result<Self, Fault> {
        self.judged(reader, topic, None)
    }

    /// The cuts that would be in force with a candidate, for its dry run. What it says of
    /// invitations is indexed in the overlay.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn with(
        &self,
        overlay: &mut Overlay,
        topic: &Founding,
        candidate: &Body,
        place: Place,
    ) -> Result<Self, Fault> {
        index_candidate(overlay, topic, candidate);
        self.judged(overlay, topic, Some((place, candidate)))
    }

    fn judged(
        &self,
        reader: &dyn Snapshot,
        topic: &Founding,
        candidate: Option<(Place, &Body)>,
    ) -> Result<Self, Fault> {
        let graph = Graph::new(reader, topic.topic());
        let mut decoded = BTreeMap::new();
        for place in places(reader, topic)? {
            let word = match self.decoded.get(&place.id) {
                Some(word) => word.clone(),
                None => Word::of(graph, place, graph.event(place)?.body())?,
            };
            decoded.insert(place.id, word);
        }
        let candidate = candidate.map(|(place, body)| Word::of(graph, place, body)).transpose()?;
        let mut cuts = Self { branches: self.branches.clone(), ..Self::default() };
        let mut removals = Vec::new();
        for word in decoded.values().chain(&candidate) {
            match word {
                Word::Revoke(cut) => cuts.add(Arc::clone(cut)),
                Word::Remove(removal) => removals.push(Arc::clone(removal)),
            }
        }
        cuts.decoded = Arc::new(decoded);
        cuts.authors = Arc::new(self.authors_of(graph, &removals)?);
        cuts.judge(graph, topic, removals)?;
        Ok(cuts)
    }

    fn authors_of(
        &self,
        graph: Graph<'_>,
        removals: &[Arc<Removal>],
    ) -> Result<BTreeMap<EventId, Arc<Author>>, Fault> {
        let mut authors = BTreeMap::new();
        for entry in removals.iter().map(|removal| removal.node.entry) {
            if authors.contains_key(&entry) {
                continue;
            }
            let author = match self.authors.get(&entry) {
                Some(author) => Arc::clone(author),
                None => Arc::new(Author::of(graph, entry)?),
            };
            authors.insert(entry, author);
        }
        Ok(authors)
    }

    /// Adds the removes that count, from the founder downwards.
    fn judge(
        &mut self,
        graph: Graph<'_>,
        topic: &Founding,
        mut removals: Vec<Arc<Removal>>,
    ) -> Result<(), Fault> {
        let authors = Arc::clone(&self.authors);
        let depth = |removal: &Removal| {
            authors.get(&removal.node.entry).map_or(usize::MAX, |author| author.depth())
        };
        removals.sort_by_key(|removal| (depth(removal), removal.node.place));
        // By author, who that is by so many cuts: that changes with these alone.
        let mut persons: BTreeMap<EventId, (usize, Option<PublicKey>)> = BTreeMap::new();
        for removal in removals {
            let entry = removal.node.entry;
            let person = match persons.get(&entry) {
                Some((cuts, person)) if *cuts == self.all.len() => *person,
                _ => match authors.get(&entry) {
                    Some(author) => author.person(self, graph, topic)?,
                    None => None,
                },
            };
            persons.insert(entry, (self.all.len(), person));
            let Some(author) = person else { continue };
            let may = author == topic.founder() || removal.above.contains(&author);
            if may
                && removal.person != topic.founder()
                && !self.node_void(graph, topic, &removal.node, author)?
            {
                self.add(Arc::new(removal.by(author)));
            }
        }
        Ok(())
    }
}

/// Writes what inserting a candidate would say of invitations.
pub(in crate::apply) fn index_candidate(overlay: &mut Overlay, topic: &Founding, candidate: &Body) {
    if let Ok(payload) = Payload::decode(candidate)
        && let Some(cuts) = payload.cuts()
    {
        index_cuts(overlay, topic.topic(), candidate.id(), cuts);
    }
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

//! Which events are void: what `revoke` and `remove` events cut off.
//!
//! Cuts are a function of the event *set*, so a cut reaches events wherever they sort and
//! back-dating gains nothing:
//!
//! - A `revoke` is the person's own signed word about their own scopes and invitations. It counts
//!   whoever carries it and whatever else is cut.
//! - A `remove` counts if its event is not void itself and its author is the founder or stands
//!   above the removed person in the chain of the join it names. Removes are judged by the depth
//!   of their author in the invitation tree and then by place, so nobody can undo the remove of
//!   somebody above them.
//! - A cut names the last recognised event of a scope: that event and its ancestors by `prev`
//!   stand, every other event of the scope is void. With several cuts, what one of them does not
//!   recognise is void. A remove cuts every scope of the person; one it does not name entirely.
//! - A cut of an invitation names the joins through it that stand. A join further down stands if the
//!   one through the cut invitation does, which has to be in the log.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::{EventId, PublicKey, Snapshot};

use crate::dag::{Graph, Payload, chain};
use crate::event::payload::{InvitationCut, Join};
use crate::event::{Body, Event, Founding, Kind};
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// The last recognised event of a scope; `None`: nothing of it is recognised.
type Last = Option<EventId>;

/// The cuts in force in a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// By person and scope.
    scopes: BTreeMap<(PublicKey, PublicKey), BTreeSet<Last>>,
    /// By person: removes, each with the scopes it names.
    persons: BTreeMap<PublicKey, BTreeSet<BTreeMap<PublicKey, Last>>>,
    /// By invitation: who cut it, and the joins that stand.
    invitations: BTreeMap<PublicKey, BTreeSet<(PublicKey, BTreeSet<EventId>)>>,
    /// Joins that a cut of an invitation recognises and the log has: those below them stand.
    joined: BTreeSet<EventId>,
    /// The `remove` events that count.
    removes: BTreeSet<EventId>,
}

impl Cuts {
    /// The cuts in force, from all `revoke` and `remove` events of the log.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn of(reader: &dyn Snapshot, topic: &Founding) -> Result<Self, Fault> {
        let graph = Graph::new(reader, topic.topic());
        let mut bodies = Vec::new();
        for place in places(reader, topic)? {
            bodies.push((place, graph.event(place)?.body().clone()));
        }
        Self::from(graph, topic, bodies)
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
        let graph = Graph::new(reader, topic.topic());
        let mut bodies = vec![(place, candidate.clone())];
        for place in places(reader, topic)? {
            bodies.push((place, graph.event(place)?.body().clone()));
        }
        Self::from(graph, topic, bodies)
    }

    fn from(graph: Graph<'_>, topic: &Founding, bodies: Vec<(Place, Body)>) -> Result<Self, Fault> {
        let mut cuts = Self::default();
        let mut removes = Vec::new();
        for (place, body) in bodies {
            match Payload::decode(&body) {
                Ok(Payload::Revoke(revoke)) => {
                    for cut in &revoke.cuts().scopes {
                        let lasts = cuts.scopes.entry((revoke.person(), cut.scope)).or_default();
                        lasts.insert(cut.last);
                    }
                    for cut in &revoke.cuts().invitations {
                        cuts.cut_invitation(revoke.person(), cut);
                    }
                }
                Ok(Payload::Remove(remove)) => {
                    let Some(author) = introduction(graph, body.header().scope)? else { continue };
                    removes.push((author.depth, place, body, remove, author));
                }
                _ => return Err(Fault::damaged(format!("the cut at {place}"), "another kind")),
            }
        }
        removes.sort_by_key(|(depth, place, ..)| (*depth, *place));
        for (_, _, body, remove, author) in removes {
            let void = cuts.void(graph, topic, &body, author.person)?
                || !cuts.stands(graph, topic, &author)?;
            let above = author.person == topic.founder()
                || invited_below(graph, &body, remove.person(), author.person)?;
            if void || !above || remove.person() == topic.founder() {
                continue;
            }
            cuts.removes.insert(body.id());
            let named = remove.cuts().scopes.iter().map(|cut| (cut.scope, cut.last)).collect();
            cuts.persons.entry(remove.person()).or_default().insert(named);
            for cut in &remove.cuts().invitations {
                cuts.cut_invitation(author.person, cut);
            }
        }
        for (_, recognised) in cuts.invitations.values().flatten() {
            for join in recognised {
                if graph.node(*join)?.is_some() {
                    cuts.joined.insert(*join);
                }
            }
        }
        Ok(cuts)
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

    fn cut_invitation(&mut self, by: PublicKey, cut: &InvitationCut) {
        let recognised = cut.recognised.iter().copied().collect();
        self.invitations.entry(cut.invitation).or_default().insert((by, recognised));
    }

    /// True if there is none, which is the case of nearly every topic.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.persons.is_empty() && self.invitations.is_empty()
    }

    /// Whether a `remove` event counts.
    pub(super) fn counts(&self, remove: EventId) -> bool {
        self.removes.contains(&remove)
    }

    /// True if all of `other` is in force here too.
    pub(super) fn include(&self, other: &Self) -> bool {
        fn all<K: Ord, V: Ord>(
            here: &BTreeMap<K, BTreeSet<V>>,
            there: &BTreeMap<K, BTreeSet<V>>,
        ) -> bool {
            let held = |(key, cuts): (&K, &BTreeSet<V>)| {
                here.get(key).is_some_and(|held| held.is_superset(cuts))
            };
            there.iter().all(held)
        }
        all(&self.scopes, &other.scopes)
            && all(&self.persons, &other.persons)
            && all(&self.invitations, &other.invitations)
            && self.removes.is_superset(&other.removes)
    }

    /// True if a join arrived that `other` recognises and did not have.
    pub(super) fn joined_since(&self, other: &Self) -> bool {
        let named = |join: &EventId| {
            other.invitations.values().flatten().any(|(_, all)| all.contains(join))
        };
        self.joined.difference(&other.joined).any(named)
    }

    /// The scopes (with their person), persons and invitations cut here and not, or otherwise, in
    /// `other`.
    pub(super) fn beyond(&self, other: &Self) -> Beyond {
        fn keys<K: Ord + Copy, V: Ord>(
            here: &BTreeMap<K, BTreeSet<V>>,
            there: &BTreeMap<K, BTreeSet<V>>,
        ) -> Vec<K> {
            here.iter()
                .filter(|(key, cuts)| there.get(key) != Some(cuts))
                .map(|(k, _)| *k)
                .collect()
        }
        Beyond {
            scopes: keys(&self.scopes, &other.scopes),
            persons: keys(&self.persons, &other.persons),
            invitations: keys(&self.invitations, &other.invitations),
            removes: self.removes.difference(&other.removes).copied().collect(),
        }
    }

    /// Whether an event of a scope of `person` is void.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn void(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        event: &Body,
        person: PublicKey,
    ) -> Result<bool, Fault> {
        let header = event.header();
        for last in self.lasts(person, header.scope) {
            if !recognised(graph, event, last)? {
                return Ok(true);
            }
        }
        match Payload::decode(event) {
            Ok(Payload::Join(join))
                if header.kind == Kind::Join && !self.invitations.is_empty() =>
            {
                self.join_void(graph, topic, event, &join)
            }
            _ => Ok(false),
        }
    }

    /// The last recognised events of a scope, one for each cut of it.
    pub(super) fn lasts(&self, person: PublicKey, scope: PublicKey) -> impl Iterator<Item = Last> {
        let own = self.scopes.get(&(person, scope)).into_iter().flatten().copied();
        let removes = self.persons.get(&person).into_iter().flatten();
        own.chain(removes.map(move |named| named.get(&scope).copied().flatten()))
    }

    fn join_void(
        &self,
        graph: Graph<'_>,
        topic: &Founding,
        event: &Body,
        join: &Join,
    ) -> Result<bool, Fault> {
        let chain = chain(join);
        for (depth, link) in chain.iter().enumerate() {
            let Some(cuts) = self.invitations.get(&link.invitation.key()) else { continue };
            let may_cut = |by: PublicKey| {
                by == topic.founder()
                    || chain[..=depth].iter().any(|above| above.invitation.issuer().person() == by)
            };
            let accepted = if depth + 1 == chain.len() {
                vec![event.id()]
            } else {
                graph.numbered(link.acceptor.scope(), 0)?
            };
            let stands =
                |recognised: &BTreeSet<EventId>| accepted.iter().any(|id| recognised.contains(id));
            if cuts.iter().any(|(by, recognised)| may_cut(*by) && !stands(recognised)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What one set of cuts has beyond another.
pub(super) struct Beyond {
    pub(super) scopes: Vec<(PublicKey, PublicKey)>,
    pub(super) persons: Vec<PublicKey>,
    pub(super) invitations: Vec<PublicKey>,
    pub(super) removes: Vec<EventId>,
}

/// How a scope came into a topic, by the first event of the log that introduces it.
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

/// The first event, in canonical order, with number 0 of a scope.
fn first_of(graph: Graph<'_>, scope: PublicKey) -> Result<Option<Event>, Fault> {
    let nodes = graph.numbered(scope, 0)?.into_iter().map(|id| graph.known(id));
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    nodes.iter().map(|node| node.place).min().map(|place| graph.event(place)).transpose()
}

fn introduction(graph: Graph<'_>, scope: PublicKey) -> Result<Option<Introduction>, Fault> {
    let Some(event) = first_of(graph, scope)? else { return Ok(None) };
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
        Payload::Join(join) => Some(chain(join).len().max(1)),
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
            && chain(&join).iter().any(|link| link.invitation.issuer().person() == above)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an event is `last` or an ancestor of it by `prev`.
fn recognised(graph: Graph<'_>, event: &Body, last: Last) -> Result<bool, Fault> {
    let Some(last) = last else { return Ok(false) };
    let Some(mut at) = graph.node(last)? else { return Ok(false) };
    let (id, header) = (event.id(), event.header());
    if at.scope != header.scope || at.seq < header.seq {
        return Ok(false);
    }
    // Unless the author forked, there is one event a number, and the walk is not needed.
    if graph.numbered(header.scope, header.seq)? == [id] {
        return Ok(true);
    }
    while at.seq > header.seq {
        let Some(prev) = graph.event(at.place)?.header().prev else { return Ok(false) };
        at = graph.known(prev)?;
    }
    Ok(at.place.id == id)
}

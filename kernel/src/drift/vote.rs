use myrhiza_kernel_api::{Hash, PublicKey, Signature, Snapshot, StoreExt, TopicId};

use super::Engine;
use super::place::{log_key, read_place, write_place};
use crate::apply::{Cuts, Facts, ScopeRecord};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::event::Founding;
use crate::fault::Fault;
use crate::hash::Context;
use crate::identity::{SecretKey, SignatureError, verify};
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::Overlay;
use crate::state::trie::LogTrie;

/// What decides a state. Two homes are compared only where theirs are equal.
///
/// The cuts are part of it since a cut reaches events before it in the order: who has a `remove`
/// that another lacks holds another state after the same events, and both are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The topic.
    pub topic: TopicId,
    /// How many events there are up to here.
    pub count: u64,
    /// The last of them.
    pub last: Place,
    /// Root of the log of these events.
    pub log_root: Hash,
    /// [`Cuts::digest`] of the cuts in force.
    pub cuts: Hash,
}

impl Point {
    /// The point after `count` events, the last of which is `last`.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn of(
        reader: &dyn Snapshot,
        topic: TopicId,
        cuts: &Cuts,
        (count, last): (u64, Place),
    ) -> Result<Self, Fault> {
        let root = LogTrie::new(reader, topic).root_up_to(log_key(last))?;
        if root.count != count {
            return Err(Fault::damaged(format!("anchor {count}"), "the log has other events"));
        }
        Ok(Self { topic, count, last, log_root: root.hash, cuts: cuts.digest() })
    }
}

/// A scope's word on the state it has at a point.
///
/// Layout: `[[1, topic, count, place, log root, cuts, state root, code, engine, engine version,
/// scope], signature]`; signed is the inner array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    at: Point,
    state_root: Hash,
    engine: Engine,
    scope: PublicKey,
    signature: Signature,
}

/// Why a vote does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCounted {
    /// Not signed by the scope.
    #[error("the vote is forged: {0}")]
    Forged(#[from] SignatureError),
    /// The scope is not one of a member's, or was ended.
    #[error("the scope that voted is not a member's, or was ended")]
    NotAMember,
    /// Not after a number of events that has an anchor, or of a log that is far longer.
    #[error("no vote is due after so many events")]
    NotDue,
    /// This home's own.
    #[error("the vote is this home's own")]
    Own,
    /// Another topic's, or of a topic that is not here.
    #[error("the vote is for a topic this home does not have")]
    Topic,
}

impl Vote {
    /// Signs what this home has at a point.
    pub fn sign(at: Point, state_root: Hash, engine: Engine, scope: &SecretKey) -> Self {
        let signature = Signature([0; 64]);
        let mut vote = Self { at, state_root, engine, scope: scope.public(), signature };
        vote.signature = scope.sign(Context::DriftVoteSignature, &[&vote.statement()]);
        vote
    }

    /// Where.
    pub const fn at(&self) -> &Point {
        &self.at
    }

    /// Root of the state there.
    pub const fn state_root(&self) -> Hash {
        self.state_root
    }

    /// What folded it.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whose word it is.
    pub const fn scope(&self) -> PublicKey {
        self.scope
    }

    /// True if both are of one point, and so have to have one state.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.at == other.at
    }

    /// True if they have to have one state and do not.
    pub fn differs(&self, other: &Self) -> bool {
        self.is_beside(other) && self.state_root != other.state_root
    }

    /// Whether it counts, by what this home knows: signed by a scope of a member that no cut ends.
    ///
    /// # Errors
    /// [`Fault`] in the outer result.
    pub fn check(
        &self,
        reader: &dyn Snapshot,
        topic: &Founding,
        cuts: &Cuts,
    ) -> Result<Result<(), NotCounted>, Fault> {
        if self.at.topic != topic.topic() {
            return Ok(Err(NotCounted::Topic));
        }
        if !is_member(reader, topic.topic(), cuts, self.scope)? {
            return Ok(Err(NotCounted::NotAMember));
        }
        let signed = [&self.statement()[..]];
        let verified = verify(&self.scope, Context::DriftVoteSignature, &signed, &self.signature);
        Ok(verified.map_err(NotCounted::Forged))
    }

    /// What is kept of a scope.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn kept(
        reader: &dyn Snapshot,
        topic: TopicId,
        scope: PublicKey,
    ) -> Result<Option<Self>, Fault> {
        let found = reader.get(schema::VOTES, &key(topic, scope))?;
        found.map(|row| decode(&row)).transpose()
    }

    /// The votes kept of a topic, ascending by scope.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn all(reader: &dyn Snapshot, topic: TopicId) -> Result<Vec<Self>, Fault> {
        let rows = reader.prefix(schema::VOTES, &TopicKeys { topic }.key(&[]), usize::MAX)?;
        rows.into_iter().map(|(_, row)| decode(&row)).collect()
    }

    /// Keeps it, in the place of another one of its scope.
    pub(crate) fn save(&self, overlay: &mut Overlay) {
        overlay.put(schema::VOTES, key(self.at.topic, self.scope), self.to_bytes());
    }

    fn statement(&self) -> Vec<u8> {
        let Self { at, state_root, engine, scope, .. } = self;
        let mut w = Writer::with_capacity(400);
        w.array(11).u64(1).bytes(at.topic).u64(at.count);
        write_place(&mut w, at.last);
        w.bytes(at.log_root).bytes(at.cuts).bytes(state_root);
        engine.write(&mut w);
        w.bytes(scope);
        w.into_bytes()
    }
}

fn key(topic: TopicId, scope: PublicKey) -> Vec<u8> {
    TopicKeys { topic }.key(&[scope.as_ref()])
}

fn decode(row: &[u8]) -> Result<Vote, Fault> {
    Vote::from_bytes(row).map_err(|cause| Fault::damaged("a vote", cause))
}

/// Whether a scope has a word: it is of a member, and no cut ends it.
pub(crate) fn is_member(
    reader: &dyn Snapshot,
    topic: TopicId,
    cuts: &Cuts,
    scope: PublicKey,
) -> Result<bool, Fault> {
    let facts = Facts::new(reader, topic);
    for ScopeRecord { person, .. } in facts.claims(scope)? {
        if facts.member(person)?.is_some() && !cuts.ends(person, scope) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Canonical for Vote {
    const WHAT: &'static str = "a vote";
    const MAX_BYTES: usize = 640;

    fn write(&self, w: &mut Writer) {
        w.array(2).raw(&self.statement()).bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("vote", 2)?;
        r.versioned("vote's statement", 1, 11)?;
        let at = Point {
            topic: TopicId(r.fixed("topic")?),
            count: r.u64()?,
            last: read_place(r)?,
            log_root: Hash(r.fixed("log root")?),
            cuts: Hash(r.fixed("cuts")?),
        };
        Ok(Self {
            at,
            state_root: Hash(r.fixed("state root")?),
            engine: Engine::read(r)?,
            scope: PublicKey(r.fixed("scope")?),
            signature: Signature(r.fixed("signature")?),
        })
    }
}

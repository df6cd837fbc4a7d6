use super::wire::{self, Sent};
use super::{Address, LogKey, LogTrie, Place, StateError, Subtree};
use crate::state::trie::Root;
use crate::state::trie::record::Child;

/// What comparing one of their records with what is here showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Places below where they have something else, ascending, with what their record says of each.
    pub below: Vec<(Address, Root)>,
    /// Events they have and this log has not, ascending.
    pub there: Vec<LogKey>,
    /// Events this log has and they have not, ascending; not more than asked for.
    pub here: Vec<LogKey>,
}

/// Why a record is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Lie {
    /// The bytes are no record.
    #[error("the bytes are no record of a log's trie")]
    Malformed,
    /// It leaves out what is said to be the same here, and with that it is not the one that the
    /// record above it names. This side may have changed, or two hashes start alike: to be asked
    /// for without hints.
    #[error("the record cannot be put together from what is here")]
    Unclear,
    /// It has another hash or count than the record above it named.
    #[error("the record is not the one that the record above it names")]
    Other,
    /// It has events that do not belong there.
    #[error("the record has events that do not belong below its place")]
    Misplaced,
}

impl LogTrie<'_> {
    /// Compares the record a peer sent for a place, which the record above it (or the root) named
    /// as `named`, with what is here. At most about `limit` events of this log are listed.
    ///
    /// # Errors
    /// [`StateError`] in the outer result; [`Lie`] in the inner: the record says nothing.
    pub fn compare(
        &self,
        at: Address,
        named: Root,
        sent: &[u8],
        limit: usize,
    ) -> Result<Result<Found, Lie>, StateError> {
        let (place, mut found) = (at.0, Found::default());
        let here = self.subtree(place)?;
        let children = match &here {
            Subtree::Inner(children) => Some(&**children),
            Subtree::Leaves(_) => None,
        };
        let (short, decoded) = (wire::is_short(sent), wire::decode(sent, children));
        let right = decoded.filter(|(_, summary)| Root::from(*summary) == named);
        let sent = match right {
            Some((sent, _)) => sent,
            None if short => return Ok(Err(Lie::Unclear)),
            None if wire::decode(sent, None).is_none() => return Ok(Err(Lie::Malformed)),
            None => return Ok(Err(Lie::Other)),
        };
        match (sent, here) {
            (Sent::Leaves(there), here) => {
                if !there.iter().all(|key| place.is_on(&key.path())) {
                    return Ok(Err(Lie::Misplaced));
                }
                let here = match here {
                    Subtree::Leaves(here) => here,
                    Subtree::Inner(_) => {
                        let mut keys = Vec::new();
                        self.keys(place, limit.saturating_add(there.len()), &mut keys)?;
                        keys
                    }
                };
                for key in &there {
                    if here.binary_search(key).is_err() && !self.has(*key)? {
                        found.there.push(*key);
                    }
                }
                found.here = here;
                found.here.retain(|key| there.binary_search(key).is_err());
                found.here.truncate(limit);
            }
            (Sent::Inner(there), here) => {
                for (nibble, there) in there.iter().enumerate() {
                    self.child(place.child(nibble), *there, &here, limit, &mut found)?;
                }
            }
        }
        Ok(Ok(found))
    }

    /// Compares what their inner record says of the child at `place` with what is here.
    fn child(
        &self,
        place: Place,
        there: Option<Child>,
        here: &Subtree,
        limit: usize,
        found: &mut Found,
    ) -> Result<(), StateError> {
        // Leaves that would make the same bucket are compared there: the peer, who is not told of
        // buckets, sends it anyway.
        let nibble = place.path.nibble(place.depth.saturating_sub(1));
        let same = match here {
            Subtree::Inner(children) => children[nibble] == there,
            Subtree::Leaves(keys) => {
                if there.is_none() {
                    found.here.extend(keys.iter().filter(|key| place.is_on(&key.path())));
                }
                there.is_none()
            }
        };
        match there {
            _ if same => Ok(()),
            Some(there) => {
                found.below.push((Address(place), there.into()));
                Ok(())
            }
            None => self.keys(place, limit, &mut found.here),
        }
    }

    /// Whether an event is in the log.
    fn has(&self, key: LogKey) -> Result<bool, StateError> {
        let mut place = Place { path: key.path(), depth: 0 }.up_to(0);
        loop {
            match self.load(place)? {
                None => return Ok(false),
                Some(Subtree::Leaves(keys)) => return Ok(keys.binary_search(&key).is_ok()),
                Some(Subtree::Inner(_)) => place = place.child(key.path().nibble(place.depth)),
            }
        }
    }
}

use super::{LogKey, LogTrie, Place, StateError, Subtree, wire};
use crate::state::trie::Root;
use crate::state::trie::record::{BUCKET, Child, Record, total};

/// What is left of a subtree when everything after an event is taken away.
enum Left {
    /// Few enough to be a bucket, or part of one.
    Leaves(Vec<LogKey>),
    Inner(Child),
}

impl LogTrie<'_> {
    /// The root of the trie over the events up to `last` alone, itself included. It costs a record
    /// for each nibble of the path, whatever the size of the log.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn root_up_to(&self, last: LogKey) -> Result<Root, StateError> {
        Ok(match self.left(Place::ROOT, last)? {
            Left::Inner(root) => root.into(),
            Left::Leaves(keys) => bucket(&keys).map_or_else(Root::empty, Root::from),
        })
    }

    /// How many events there are up to `last`, itself included, at the same cost.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn count_up_to(&self, last: LogKey) -> Result<u64, StateError> {
        let (path, mut place, mut count) = (last.path(), Place::ROOT, 0u64);
        loop {
            let children = match self.load(place)? {
                None => return Ok(count),
                Some(Subtree::Leaves(keys)) => {
                    let up_to = keys.iter().filter(|key| **key <= last).count();
                    return Ok(count.saturating_add(up_to as u64));
                }
                Some(Subtree::Inner(children)) => children,
            };
            let edge = path.nibble(place.depth);
            let before = children.iter().take(edge).flatten();
            count = before.fold(count, |count, child| count.saturating_add(child.count));
            place = place.child(edge);
        }
    }

    fn left(&self, place: Place, last: LogKey) -> Result<Left, StateError> {
        let mut children = match self.load(place)? {
            None => return Ok(Left::Leaves(Vec::new())),
            Some(Subtree::Leaves(mut keys)) => {
                keys.retain(|key| *key <= last);
                return Ok(Left::Leaves(keys));
            }
            Some(Subtree::Inner(children)) => children,
        };
        let edge = last.path().nibble(place.depth);
        children.iter_mut().skip(edge + 1).for_each(|child| *child = None);
        let mut at_edge = Vec::new();
        if children[edge].is_some() {
            children[edge] = match self.left(place.child(edge), last)? {
                Left::Inner(child) => Some(child),
                Left::Leaves(keys) => {
                    let child = if keys.is_empty() { None } else { bucket(&keys) };
                    at_edge = keys;
                    child
                }
            };
        }
        if total(&children).is_none_or(|total| total > BUCKET as u64) {
            let record = Record::Inner(children);
            return Ok(Left::Inner(record.summary(&record.encode())));
        }
        let mut keys = Vec::with_capacity(BUCKET);
        for (nibble, _) in children.iter().enumerate().filter(|(_, child)| child.is_some()) {
            if nibble == edge {
                keys.append(&mut at_edge);
            } else {
                self.keys(place.child(nibble), BUCKET, &mut keys)?;
            }
        }
        Ok(Left::Leaves(keys))
    }
}

fn bucket(keys: &[LogKey]) -> Option<Child> {
    let keys: Vec<_> = keys.iter().map(|key| key.to_bytes()).collect();
    wire::summary(keys.iter().map(|key| &key[..]))
}

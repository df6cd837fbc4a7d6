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

//! What is looked for among all topics, kept in memory: where peers ask, or one enters with many there
//! already, the cost does not grow with how many there are.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use myrhiza_kernel_api::{PublicKey, Snapshot, TopicId};

use super::record::topic_ids;
use super::{Runtime, RuntimeError, TopicRecord};
use crate::dag::founding;

/// The topics of a home by what they are looked for by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// By what they are called here; those of authors have no names.
    names: BTreeMap<String, TopicId>,
    /// Those of authors.
    authors: BTreeMap<PublicKey, TopicId>,
}

impl Index {
    /// As the store has it.
    fn of(reader: &dyn Snapshot) -> Result<Self, RuntimeError> {
        let mut index = Self::default();
        for topic in topic_ids(reader)? {
            let name = TopicRecord::load(reader, topic)?.name;
            index.enter(topic, name, founding(reader, topic)?.author());
        }
        Ok(index)
    }

    fn enter(&mut self, topic: TopicId, name: String, author: Option<PublicKey>) {
        match author {
            Some(author) => self.authors.insert(author, topic),
            None => self.names.insert(name, topic),
        };
    }

    fn leave(&mut self, topic: TopicId, name: &str) {
        if self.names.get(name) == Some(&topic) {
            self.names.remove(name);
        }
        self.authors.retain(|_, of| *of != topic);
    }

    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    pub(super) fn authors(&self) -> &BTreeMap<PublicKey, TopicId> {
        &self.authors
    }
}

impl Runtime {
    /// Looks something up among all topics. The store is read the first time, and after a failure that
    /// leaves open what was committed.
    pub(super) fn indexed<T>(&self, look: impl FnOnce(&Index) -> T) -> Result<T, RuntimeError> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match &mut *index {
            Some(index) => index,
            none => none.insert(Index::of(&*self.read()?)?),
        };
        Ok(look(index))
    }

    /// A topic has come into the home, and that is committed.
    pub(super) fn index_entered(&mut self, topic: TopicId, name: &str, author: Option<PublicKey>) {
        let index = self.index.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = index {
            index.enter(topic, name.to_owned(), author);
        }
    }

    /// A topic has gone from the home, and that is committed.
    pub(super) fn index_left(&mut self, topic: TopicId, name: &str) {
        let index = self.index.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = index {
            index.leave(topic, name);
        }
    }

    /// Nobody knows what of the topics is committed.
    pub(super) fn forget_index(&mut self) {
        *self.index.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether what is kept in memory is what the store has.
    #[cfg(test)]
    pub(crate) fn index_holds(&self) -> bool {
        let index = Index::of(&*self.read().unwrap()).unwrap();
        self.indexed(|kept| *kept == index).unwrap()
    }
}

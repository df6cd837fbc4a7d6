//! The topics to choose from.

use myrhiza_kernel_api::TopicId;

use super::source::{Topic, Topics};
use crate::failure::Outcome;

pub(super) struct List {
    found: Outcome<Topics>,
    at: usize,
    top: usize,
    height: usize,
}

impl List {
    pub(super) fn new(topics: Topics) -> Self {
        Self { found: Ok(topics), at: 0, top: 0, height: 0 }
    }

    /// What was read last, or why nothing was.
    pub(super) fn found(&self) -> &Outcome<Topics> {
        &self.found
    }

    pub(super) fn topics(&self) -> &[Topic] {
        self.found.as_ref().map_or(&[], |topics| &topics.all)
    }

    pub(super) fn of(&self, topic: TopicId) -> Option<&Topic> {
        self.topics().iter().find(|listed| listed.id() == Some(topic))
    }

    pub(super) fn chosen(&self) -> Option<&Topic> {
        self.topics().get(self.at)
    }

    /// The rows in sight: the first, and which of all is chosen.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.top, self.at)
    }

    /// What was read. The same topic stays chosen.
    pub(super) fn set(&mut self, found: Outcome<Topics>) {
        let chosen = self.chosen().and_then(Topic::id);
        self.found = found;
        if let Some(chosen) = chosen {
            self.choose(chosen);
        }
        self.move_by(0);
    }

    pub(super) fn choose(&mut self, topic: TopicId) {
        let at = self.topics().iter().position(|listed| listed.id() == Some(topic));
        self.at = at.unwrap_or(self.at);
        self.move_by(0);
    }

    pub(super) fn fit(&mut self, height: usize) {
        self.height = height;
        self.move_by(0);
    }

    /// Goes so many rows on, or back.
    pub(super) fn move_by(&mut self, rows: isize) {
        let last = self.topics().len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(rows).min(last);
        if self.at < self.top {
            self.top = self.at;
        } else if self.height > 0 && self.at >= self.top + self.height {
            self.top = self.at + 1 - self.height;
        }
    }

    pub(super) fn page(&self) -> isize {
        isize::try_from(self.height).unwrap_or(1).max(2) - 1
    }
}

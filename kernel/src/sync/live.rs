//! New events after history is complete.

use std::collections::{BTreeSet, VecDeque};

use myrhiza_kernel_api::{EventId, TopicId};

use super::limits::{HEARD, IDS, PULLS, QUEUED, WANTED};
use super::message::Message;
use super::session::Done;
use super::{Effect, Host, Role, Session};
use crate::dag::{Graph, IngestReport};
use crate::fault::Fault;

impl Session {
    /// Sends new events of the log to the peer, those that it did not just send itself, if it is in
    /// sync. Otherwise nothing is lost: the exchange under way brings them.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn announce(
        &mut self,
        topic: TopicId,
        events: &[EventId],
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            let new: Vec<_> = events.iter().filter(|id| !session.heard.contains(id)).collect();
            if new.is_empty() {
                return Ok(());
            }
            let Some(home) = session.served(topic, host)? else { return Ok(()) };
            let full = session.queued() + new.len() > QUEUED;
            let Some(shared) = session.topics.get_mut(&topic) else { return Ok(()) };
            if !shared.logs.synced {
                // The leader compares once more in any case, unless it rests.
                return session.go_on_after(topic, host);
            }
            if full {
                return session.compare_again(topic, host);
            }
            let graph = Graph::new(home, topic);
            for event in new {
                if let Some(node) = graph.node(*event)? {
                    shared.sends.queue.insert(node.place);
                }
            }
            Ok(())
        })
    }

    /// The log has changed otherwise than event by event, as by an import, or by events that waited
    /// for one that came (a report with more added than were ingested): roots are compared.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn touched(
        &mut self,
        topic: TopicId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| session.compare_again(topic, host))
    }

    fn go_on_after(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let rests =
            self.topics.get(&topic).is_some_and(|shared| shared.leads.rests_until.is_some());
        match self.opening.role {
            Role::Dialer if !rests => self.compare_again(topic, host),
            _ => Ok(()),
        }
    }

    /// Asks the sender of live events for what they name and the log does not have.
    pub(super) fn pull(&mut self, topic: TopicId, report: &IngestReport, host: &dyn Host) -> Done {
        let room = WANTED.saturating_sub(self.wanted()).min(IDS);
        let now_ms = self.now_ms;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let missing = report.missing.iter().filter(|id| !shared.takes.wanted.contains(*id));
        let ids: Vec<EventId> = missing.take(room).copied().collect();
        if ids.is_empty() {
            if report.missing.is_empty() && shared.takes.wanted.is_empty() {
                shared.takes.pulls = 0;
            }
            return Ok(());
        }
        shared.takes.pulls += 1;
        if shared.takes.pulls > PULLS {
            shared.takes.pulls = 0;
            shared.logs.synced = false;
            return self.compare_again(topic, host);
        }
        shared.takes.wanted.extend(&ids);
        shared.note(now_ms);
        let message = Message::Want { topic: shared.mine, ids };
        self.send(&message);
        Ok(())
    }
}

/// The last events that a peer sent live, so that they are not sent back.
#[derive(Debug, Default)]
pub(super) struct Heard {
    ids: BTreeSet<EventId>,
    /// The same, in the order they came.
    order: VecDeque<EventId>,
}

impl Heard {
    pub(super) fn contains(&self, id: &EventId) -> bool {
        self.ids.contains(id)
    }

    /// Remembers an event, in the place of the one that came first if there are too many.
    pub(super) fn hear(&mut self, id: EventId) {
        if !self.ids.insert(id) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > HEARD
            && let Some(first) = self.order.pop_front()
        {
            self.ids.remove(&first);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.ids.len().max(self.order.len())
    }
}

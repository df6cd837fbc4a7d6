//! New events after history is complete.

use myrhiza_kernel_api::{EventId, TopicId};

use super::limits::{HEARD, IDS, PULLS, QUEUED, WANTED};
use super::message::Message;
use super::session::Done;
use super::{Effect, Host, Role, Session};
use crate::dag::Graph;
use crate::fault::Fault;
use crate::runtime::IngestReport;

impl Session {
    /// Sends a new event of the log to the peer, if it is in sync and did not just send it itself.
    /// Otherwise nothing is lost: the exchange under way brings it.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn announce(
        &mut self,
        topic: TopicId,
        event: EventId,
        host: &dyn Host,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Fault> {
        self.act(host, now_ms, |session| {
            let Some(home) = session.served(topic, host)? else { return Ok(()) };
            if session.heard.contains(&event) {
                return Ok(());
            }
            let full = session.queued() >= QUEUED;
            let Some(shared) = session.topics.get_mut(&topic) else { return Ok(()) };
            if !shared.synced {
                // The leader compares once more in any case, unless it rests.
                return session.go_on_after(topic, host);
            }
            if full {
                return session.compare_again(topic, host);
            }
            if let Some(node) = Graph::new(home, topic).node(event)? {
                shared.queue.insert(node.place);
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
        let rests = self.topics.get(&topic).is_some_and(|shared| shared.rests_until.is_some());
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
        let missing = report.missing.iter().filter(|id| !shared.wanted.contains(*id));
        let ids: Vec<EventId> = missing.take(room).copied().collect();
        if ids.is_empty() {
            if report.missing.is_empty() && shared.wanted.is_empty() {
                shared.pulls = 0;
            }
            return Ok(());
        }
        shared.pulls += 1;
        if shared.pulls > PULLS {
            shared.pulls = 0;
            shared.synced = false;
            return self.compare_again(topic, host);
        }
        shared.wanted.extend(&ids);
        shared.note(now_ms);
        let message = Message::Want { topic: shared.mine, ids };
        self.send(&message);
        Ok(())
    }

    /// Remembers what came live, so that it is not sent back.
    pub(super) fn hear(&mut self, ids: impl Iterator<Item = EventId>) {
        for id in ids {
            if self.heard.len() >= HEARD {
                self.heard.pop_front();
            }
            self.heard.push_back(id);
        }
    }
}

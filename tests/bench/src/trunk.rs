//! Signed events, as many as are wanted: the scopes of one person write in turn, each on what the
//! one before wrote, and one more scope that was away comes back with late ones.

use std::collections::VecDeque;

use myrhiza_kernel::codec::Canonical;
use myrhiza_kernel::event::payload::{Admission, Delegate, Genesis, Upgraders};
use myrhiza_kernel::event::{Body, Event, Header, Kind};
use myrhiza_kernel::identity::{Certificate, ScopeKind, SecretKey};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use crate::app::{App, Payload};

/// Scopes that write in turn.
const AUTHORS: u8 = 4;
/// How far back a late event can be.
const RECENT: usize = 256;
/// When all is said to happen.
pub const NOW_MS: u64 = 1_700_000_000_000;

/// The growing end of a topic.
#[derive(Clone)]
pub struct Trunk {
    topic: TopicId,
    person: PublicKey,
    authors: Vec<Author>,
    away: Author,
    /// The last events that were written in turn, one at each height; the last is at the back.
    recent: VecDeque<EventId>,
    /// How many there are.
    written: u32,
    /// Of them when the last late event was made.
    late: u32,
    payload: Payload,
}

impl Trunk {
    /// A new topic of the app, and the events that found it: genesis first, then the scopes.
    pub fn new(app: &App) -> (Self, Vec<Event>) {
        Self::founded(app, AUTHORS, 0)
    }

    /// The same with so many scopes beside the founder's. Of each number there is another topic.
    pub fn founded(app: &App, scopes: u8, number: u32) -> (Self, Vec<Event>) {
        let author = |n| {
            let (key, certificate) = scope(n);
            (Author::new(key), certificate)
        };
        let (mut founder, certificate) = author(0);
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        let genesis = Genesis {
            lineage: app.bundle.lineage(),
            bundle: app.bundle.id(),
            seed,
            name: format!("bench-{number}"),
            admission: Admission::Invite,
            upgraders: Upgraders::Founder,
            checkpointer: None,
            founder: certificate,
        };
        let genesis = founder.next(Header::NO_TOPIC, Kind::Genesis, vec![], &genesis.to_bytes());
        let topic = TopicId(genesis.id().0);
        let mut events = vec![genesis];
        let mut authors = vec![founder];
        for n in 1..=scopes {
            let (mut author, certificate) = author(n);
            let payload = Delegate { certificate }.to_bytes();
            let parents = vec![EventId(topic.0)];
            events.push(author.next(topic, Kind::Delegate, parents, &payload));
            authors.push(author);
        }
        let away = authors.pop().unwrap();
        let trunk = Self {
            topic,
            person: person().public(),
            authors,
            away,
            recent: VecDeque::new(),
            written: 0,
            late: 0,
            payload: app.payload,
        };
        (trunk, events)
    }

    /// The topic.
    pub fn topic(&self) -> TopicId {
        self.topic
    }

    /// Whose scopes write.
    pub fn person(&self) -> PublicKey {
        self.person
    }

    /// The next event at the tip.
    pub fn tip(&mut self) -> Event {
        let parents = match self.recent.back() {
            Some(last) => vec![*last],
            None => self.authors.iter().chain([&self.away]).filter_map(|a| a.last).collect(),
        };
        let payload = (self.payload)(self.written);
        let turn = self.written as usize % self.authors.len();
        let event = self.authors[turn].next(self.topic, Kind::App, parents, &payload);
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(event.id());
        self.written += 1;
        event
    }

    /// The next events at the tip.
    pub fn tips(&mut self, count: u32) -> Vec<Event> {
        (0..count).map(|_| self.tip()).collect()
    }

    /// An event that sorts right before the last `count` of the tip. The tip has to grow between
    /// two of them, so that this one's own predecessor is no later than it.
    pub fn late(&mut self, count: usize) -> Event {
        assert!(self.late < self.written, "the tip has not grown");
        self.late = self.written;
        let first = self.recent.len() - count;
        let (parent, after) = (self.recent[first - 1], self.recent[first]);
        let payload = (self.payload)(self.written);
        // At the same height the lesser id is first; a try is as good as a toss.
        let body = (0..).find_map(|n| {
            let body = self.away.body(self.topic, Kind::App, vec![parent], &payload, n);
            (body.id() < after).then_some(body)
        });
        self.away.sign(body.unwrap())
    }
}

/// Whose scopes all are.
fn person() -> SecretKey {
    SecretKey::from_seed(&[0; 32])
}

/// The scope number `n` of a topic, 0 the founder's, and its person's word on it.
pub fn scope(n: u8) -> (SecretKey, Certificate) {
    let key = SecretKey::from_seed(&[n + 1; 32]);
    let word = Certificate::issue(&person(), key.public(), ScopeKind::Device, "bench").unwrap();
    (key, word)
}

/// One scope, and how far it came.
#[derive(Clone)]
struct Author {
    key: SecretKey,
    seq: u64,
    last: Option<EventId>,
}

impl Author {
    fn new(key: SecretKey) -> Self {
        Self { key, seq: 0, last: None }
    }

    fn next(&mut self, topic: TopicId, kind: Kind, parents: Vec<EventId>, payload: &[u8]) -> Event {
        let body = self.body(topic, kind, parents, payload, 0);
        self.sign(body)
    }

    fn body(
        &self,
        topic: TopicId,
        kind: Kind,
        mut parents: Vec<EventId>,
        payload: &[u8],
        tick: u64,
    ) -> Body {
        parents.sort_unstable();
        let header = Header {
            topic,
            scope: self.key.public(),
            seq: self.seq,
            prev: self.last,
            parents,
            hlc: (NOW_MS << 16) + tick,
            generation: 0,
            kind,
            variant: 0,
        };
        Body::new(header, payload).unwrap()
    }

    fn sign(&mut self, body: Body) -> Event {
        let event = Event::sign(body, &self.key).unwrap();
        self.seq += 1;
        self.last = Some(event.id());
        event
    }
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel::runtime::LogRange;

    use crate::app;
    use crate::home::{Ground, Home};

    #[test]
    fn a_late_event_has_so_many_events_behind_it_each_time() {
        let ground = Ground::new();
        let mut home = Home::in_memory(&ground, &app::tally::<1000>(), 300);
        let topic = home.trunk.topic();
        for _ in 0..3 {
            let (tip, late) = (home.trunk.tip(), home.trunk.late(100));
            home.take(&[tip]);
            home.take(std::slice::from_ref(&late));
            let range = LogRange { after: Some(late.id()), limit: None };
            let behind = home.runtime.log(topic, range).unwrap();
            assert_eq!(behind.len(), 100);
            assert!(behind.iter().all(|entry| entry.ruling.is_some()));
        }
    }
}

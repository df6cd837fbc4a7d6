use std::collections::BTreeSet;
use std::sync::Arc;

use myrhiza_kernel::identity::{Keys, SecretKey};
use myrhiza_kernel::node::{PeerStatus, Seat};
use myrhiza_kernel::runtime::{Ambient, LogRange, Runtime};
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{Kind, PublicKey, Registry, TopicId};
use myrhiza_store_memory::MemoryStore;
use serde_json::{Value, json};
use {
    myrhiza_profile_interaction as _, myrhiza_profile_migrate as _,
    myrhiza_profile_state_apply as _, myrhiza_profile_state_propose as _,
};

use super::app::{StandIn, bundle};
use crate::{About, Custody, Desk, Error, Journal, Request, Status};

pub(super) const NOW_MS: u64 = 1_700_000_000_000;

/// A home in memory, with a node that is connected to nobody unless it is said.
pub(super) struct Home {
    pub(super) seat: Seat,
    pub(super) journal: Journal,
    pub(super) now_ms: u64,
    /// The topics that peers refuse to it.
    pub(super) denied: BTreeSet<TopicId>,
    /// Whom its node is connected to.
    pub(super) peers: Vec<PeerStatus>,
    keys: Lent,
    chance: u8,
}

/// Keys, and how often they were asked for.
pub(super) struct Lent {
    keys: Keys,
    asked: u32,
}

impl Custody for Lent {
    fn keys(&mut self) -> Result<Keys, Error> {
        self.asked += 1;
        Ok(self.keys.clone())
    }
}

impl Home {
    pub(super) fn new(n: u8) -> Self {
        let key = |what: u8| SecretKey::from_seed(&[n, what].repeat(16).try_into().unwrap());
        let keys = Keys::new(key(1), key(2), "desk").unwrap();
        let expected = ["interaction", "migrate", "state-apply", "state-propose"]
            .map(|name| (Kind::Profile, name));
        let profiles = Registry::collect(&expected).unwrap().profiles();
        let store = Arc::new(MemoryStore::new(schema::ALL));
        let runtime = Runtime::new(store, Arc::new(StandIn), profiles);
        let seat = Seat {
            runtime,
            scope: keys.device().clone(),
            certificate: keys.certificate().unwrap().clone(),
        };
        let keys = Lent { keys, asked: 0 };
        let (journal, denied, peers) = (Journal::default(), BTreeSet::new(), Vec::new());
        Self { seat, journal, now_ms: NOW_MS, denied, peers, keys, chance: n }
    }

    /// One with the app installed and a topic of it.
    pub(super) fn with_topic(n: u8) -> (Self, String) {
        let mut home = Self::new(n);
        home.seat.runtime.install(&bundle()).unwrap();
        let bundle = bundle().id().to_string();
        let found = json!({"bundle": bundle, "name": "steps", "open": false});
        let topic = home.ask("found", found)["topic"].as_str().unwrap().to_owned();
        (home, topic)
    }

    /// What it answers to a text.
    pub(super) fn say(&mut self, request: &str) -> Result<Value, Value> {
        let value = |json: String| serde_json::from_str(&json).unwrap();
        let answer = Request::read(request.as_bytes()).and_then(|request| self.answer(request));
        answer.map(value).map_err(|error| value(error.to_json()))
    }

    fn answer(&mut self, request: Request) -> Result<String, Error> {
        let status = Status {
            key: PublicKey([9; 32]),
            addresses: Vec::new(),
            peers: self.peers.clone(),
            denied: self.denied.clone(),
        };
        let host = About::new("node", "0", "memory", &self.seat.runtime);
        let chance = &mut self.chance;
        let mut random = |bytes: &mut [u8]| {
            *chance = chance.wrapping_add(1);
            bytes.fill(*chance);
        };
        let mut desk = Desk {
            seat: &mut self.seat,
            status: &status,
            journal: &self.journal,
            host: &host,
            custody: &mut self.keys,
            ambient: &mut Ambient { now_ms: self.now_ms, random: &mut random },
        };
        desk.answer(request).map(|answered| answered.to_json())
    }

    /// What it answers, or why it does not.
    pub(super) fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.say(&json!({"method": method, "params": params}).to_string())
    }

    #[track_caller]
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap()
    }

    #[track_caller]
    pub(super) fn refused(&mut self, method: &str, params: Value) -> String {
        let error = self.try_ask(method, params).unwrap_err();
        let next = error["next"].as_str().unwrap();
        assert!(!next.contains("--"), "{next} is for a command line");
        error["code"].as_str().unwrap().to_owned()
    }

    /// How often its keys were asked for.
    pub(super) fn keys_asked(&self) -> u32 {
        self.keys.asked
    }

    /// Hands what it has of a topic to another.
    pub(super) fn hand(&self, topic: &str, other: &mut Self) {
        let topic: TopicId = topic.parse().unwrap();
        let log = self.seat.runtime.log(topic, LogRange::default()).unwrap();
        let events: Vec<_> = log.into_iter().map(|entry| entry.event).collect();
        other.seat.runtime.ingest(topic, &events, NOW_MS).unwrap();
    }
}

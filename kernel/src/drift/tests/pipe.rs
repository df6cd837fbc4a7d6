use std::collections::VecDeque;

use myrhiza_kernel_api::TopicId;

use crate::codec::Canonical;
use crate::drift::message::Message;
use crate::drift::{Effect, Report, Session, Vote, Why};
use crate::runtime::{DriftHost, Signer, Taken, VoteAt};
use crate::sync::{Offence, Role};
use crate::testing::{Home, Scope, World, key};

/// A home of one topic, and who it is.
pub(super) struct Node {
    pub(super) home: Home,
    pub(super) scope: Scope,
    pub(super) has_room: bool,
}

impl Node {
    pub(super) fn new(world: &World, scope: Scope) -> Self {
        Self { home: Home::new(world), scope, has_room: true }
    }

    pub(super) fn topic(&self) -> TopicId {
        self.home.topic.topic()
    }

    pub(super) fn host(&self) -> DriftHost<'_> {
        let (runtime, signer) = (&self.home.runtime, signer(&self.scope));
        DriftHost { runtime, signer, has_room: self.has_room }
    }

    pub(super) fn signed(&mut self, which: VoteAt) -> Option<Vote> {
        let topic = self.topic();
        self.home.runtime.vote(topic, signer(&self.scope), which).unwrap()
    }

    pub(super) fn take(&mut self, vote: &Vote) -> Taken {
        self.home.runtime.take_vote(vote, signer(&self.scope)).unwrap()
    }

    pub(super) fn compare_votes(&mut self) -> Vec<Vote> {
        let topic = self.topic();
        self.home.runtime.compare_votes(topic, signer(&self.scope)).unwrap()
    }

    pub(super) fn reports(&self) -> Vec<Report> {
        self.home.runtime.drift_reports(self.topic()).unwrap()
    }
}

fn signer(scope: &Scope) -> Signer<'_> {
    Signer { scope: &scope.device, certificate: &scope.certificate }
}

pub(super) struct End {
    pub(super) node: Node,
    pub(super) session: Session,
    pub(super) out: VecDeque<Vec<u8>>,
    /// What was told, messages aside.
    pub(super) told: Vec<Effect>,
}

/// Two nodes and a connection: the dialer, then the listener.
pub(super) struct Pipe {
    pub(super) ends: [End; 2],
    pub(super) said: Vec<(Role, Message)>,
    pub(super) now_ms: u64,
}

impl End {
    pub(super) fn new(node: Node, role: Role) -> Self {
        let peer = key(if role == Role::Dialer { 9002 } else { 9001 }).public();
        let session = Session::new(role, peer, 0);
        Self { node, session, out: VecDeque::new(), told: Vec::new() }
    }

    pub(super) fn follow(&mut self, effects: Vec<Effect>, now_ms: u64) {
        for effect in effects {
            match effect {
                Effect::Send(bytes) => self.out.push_back(bytes),
                Effect::Vote { vote, own } => {
                    self.hear(&vote, now_ms);
                    self.told.push(Effect::Vote { vote, own });
                }
                Effect::Report(report) => {
                    self.node.home.runtime.keep_report(*report.clone()).unwrap();
                    self.told.push(Effect::Report(report));
                }
                told => self.told.push(told),
            }
        }
    }

    /// What a driver does with a vote.
    pub(super) fn hear(&mut self, vote: &Vote, now_ms: u64) -> Taken {
        let taken = self.node.take(vote);
        if let Taken::Differs { explain: Some(count) } = taken {
            let ours = self.node.signed(VoteAt::Count(count)).unwrap();
            let effects = self.session.explain(&ours, &self.node.host(), now_ms).unwrap();
            self.follow(effects, now_ms);
        }
        taken
    }

    pub(super) fn receive(&mut self, bytes: &[u8], now_ms: u64) {
        let effects = self.session.receive(bytes, &self.node.host(), now_ms).unwrap();
        self.follow(effects, now_ms);
    }

    pub(super) fn say(&mut self, message: &Message) {
        self.receive(&message.to_bytes(), 0);
    }

    pub(super) fn ends(&self) -> Vec<Why> {
        let ended = |told: &Effect| match told {
            Effect::Ended { why, .. } => Some(*why),
            _ => None,
        };
        self.told.iter().filter_map(ended).collect()
    }

    pub(super) fn offences(&self) -> Vec<Offence> {
        let offence = |told: &Effect| match told {
            Effect::Offence(offence) => Some(*offence),
            _ => None,
        };
        self.told.iter().filter_map(offence).collect()
    }

    /// The last thing it said.
    pub(super) fn last(&mut self) -> Option<Message> {
        self.out.drain(..).next_back().map(|bytes| Message::from_bytes(&bytes).unwrap())
    }
}

impl Pipe {
    pub(super) fn new(dialer: Node, listener: Node) -> Self {
        let ends = [End::new(dialer, Role::Dialer), End::new(listener, Role::Listener)];
        Self { ends, said: Vec::new(), now_ms: 0 }
    }

    /// Each tells its vote.
    pub(super) fn vote(&mut self, which: VoteAt) {
        for end in &mut self.ends {
            let vote = end.node.signed(which).unwrap();
            let effects = end.session.tell(&vote, true);
            end.follow(effects, self.now_ms);
        }
        self.run();
    }

    /// Until nobody has anything to say.
    pub(super) fn run(&mut self) {
        for _ in 0..1000 {
            let out = self.ends.each_mut().map(|end| std::mem::take(&mut end.out));
            if out.iter().all(VecDeque::is_empty) {
                return;
            }
            for (n, (bytes, role)) in
                out.into_iter().zip([Role::Dialer, Role::Listener]).enumerate()
            {
                for bytes in bytes {
                    assert!(crate::drift::is_drift(&bytes));
                    assert!(bytes.len() <= crate::drift::limits::MESSAGE_BYTES);
                    self.said.push((role, Message::from_bytes(&bytes).unwrap()));
                    self.ends[1 - n].receive(&bytes, self.now_ms);
                }
            }
        }
        panic!("they never come to an end");
    }

    /// The one report of each side.
    pub(super) fn reports(&self) -> [Report; 2] {
        self.ends.each_ref().map(|end| {
            let mut reports = end.node.reports();
            assert_eq!(reports.len(), 1, "{reports:#?}");
            reports.remove(0)
        })
    }
}

//! The walk over both logs' tries: the leader asks, the follower answers.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::TopicId;

use super::limits::{
    ANSWER_BYTES, FOUND, FRONTIER, HINT_BYTES, IDS, PLACES, QUEUED, ROUNDS, WALKS, WANTED,
};
use super::message::{Message, Number};
use super::session::{Done, Stop};
use super::shared::Shared;
use super::sides::Phase;
use super::{Host, Offence, Role, Session};
use crate::dag::Graph;
use crate::state::trie::{Address, Lie, LogKey, LogTrie, Root};

/// A walk under way.
#[derive(Debug)]
pub(super) struct Walk {
    /// The root of the follower's log when it first answered.
    root: Root,
    /// Places where the logs differ and what is there is not known, with what the follower's record
    /// above says of each.
    frontier: BTreeMap<Address, Root>,
    /// Of these, those to be asked about without hints.
    plain: BTreeSet<Address>,
    /// A question is not answered yet.
    pub(super) asked: bool,
    rounds: u32,
    /// Events found that the follower has, and this side has not.
    there: BTreeSet<LogKey>,
    /// The other way round.
    here: BTreeSet<LogKey>,
}

impl Walk {
    pub(super) fn new(root: Root) -> Self {
        Self {
            root,
            frontier: [(Address::ROOT, root)].into(),
            plain: BTreeSet::new(),
            asked: false,
            rounds: 0,
            there: BTreeSet::new(),
            here: BTreeSet::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.frontier.len() + self.plain.len() + self.there.len() + self.here.len()
    }

    /// Goes on with what was found so far, after so many questions.
    fn cut_short(&mut self) {
        if self.rounds >= ROUNDS {
            self.frontier.clear();
        }
    }

    /// Of too much keeps what comes first, and leaves the rest to the next walk: events name those
    /// before them, so what comes after a gap could not be taken.
    fn keep_first(&mut self) {
        while self.frontier.len() > FRONTIER
            && let Some((gone, _)) = self.frontier.pop_last()
        {
            self.there.retain(|key| gone.is_after(*key));
            self.here.retain(|key| gone.is_after(*key));
        }
        let too_many = |keys: &BTreeSet<LogKey>| keys.iter().nth(FOUND).copied();
        let gone = [too_many(&self.there), too_many(&self.here)].into_iter().flatten().min();
        if let Some(gone) = gone {
            self.there.split_off(&gone);
            self.here.split_off(&gone);
            self.frontier.retain(|at, _| !at.is_after(gone));
        }
    }

    /// Takes up to `room` of the events found before which nothing more will be: so that what is
    /// asked for and sent is in canonical order.
    fn take(&mut self, there: bool, room: usize) -> Vec<LogKey> {
        let edge = self.frontier.keys().next().copied();
        let from = if there { &mut self.there } else { &mut self.here };
        let mut taken = Vec::new();
        while taken.len() < room
            && let Some(first) = from.first()
            && edge.is_none_or(|edge| edge.is_after(*first))
            && let Some(first) = from.pop_first()
        {
            taken.push(first);
        }
        taken
    }
}

impl Session {
    /// Asks for and queues what was found, and asks the next question; or ends the walk.
    pub(super) fn walk_on(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let Some(home) = self.served(topic, host)? else { return Ok(()) };
        let room = [WANTED.saturating_sub(self.wanted()), QUEUED.saturating_sub(self.queued())];
        let now_ms = self.now_ms;
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let Phase::Walking(walk) = &mut shared.leads.phase else { return Ok(()) };
        let mine = shared.mine;
        walk.cut_short();
        let ids: Vec<_> = walk.take(true, room[0]).into_iter().map(|key| key.id).collect();
        for key in walk.take(false, room[1]) {
            if let Some(node) = Graph::new(home, topic).node(key.id)? {
                shared.sends.queue.insert(node.place);
            }
        }
        let mut messages = Vec::new();
        for ids in ids.chunks(IDS) {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            shared.takes.wanted.extend(&ids);
            messages.push(Message::Want { topic: mine, ids });
        }
        let more = !walk.frontier.is_empty();
        if more && !walk.asked {
            let places: Vec<_> = walk.frontier.keys().take(PLACES).copied().collect();
            let budget = HINT_BYTES / places.len().max(1);
            let log = LogTrie::new(home, topic);
            let room = |at: &Address| if walk.plain.contains(at) { 0 } else { budget };
            let hinted = |at: Address| Ok::<_, Stop>((at, log.hints(at, room(&at))?));
            let places = places.into_iter().map(hinted).collect::<Result<_, _>>()?;
            messages.push(Message::Walk { topic: mine, places });
            (walk.asked, walk.rounds) = (true, walk.rounds + 1);
        }
        let ended = !more && walk.there.is_empty() && walk.here.is_empty();
        shared.note(now_ms);
        messages.iter().for_each(|message| self.send(message));
        if ended { self.end_walk(topic, host) } else { Ok(()) }
    }

    /// Ends a walk: what it found is on its way, then roots are compared.
    fn end_walk(&mut self, topic: TopicId, host: &dyn Host) -> Done {
        let now_ms = self.now_ms;
        if let Some(shared) = self.topics.get_mut(&topic) {
            (shared.leads.phase, shared.leads.due) = (Phase::Idle, true);
            shared.note(now_ms);
        }
        self.unpark(host)?;
        self.go_on(topic, host)
    }

    /// Begins the walks for which there is room now, and goes on with those that had none for what they
    /// found: they wait for nothing that would come of itself.
    pub(super) fn unpark(&mut self, host: &dyn Host) -> Done {
        let waits = |(topic, shared): (&TopicId, &Shared)| match &shared.leads.phase {
            Phase::Walking(walk) if !walk.asked && shared.is_quiet() => Some(*topic),
            _ => None,
        };
        let waiting: Vec<_> = self.topics.iter().filter_map(waits).collect();
        for topic in waiting {
            self.walk_on(topic, host)?;
        }
        while self.walks() < WALKS {
            let mut topics = self.topics.iter_mut();
            let parked = topics.find_map(|(topic, s)| Some((*topic, s.leads.parked.take()?)));
            let Some((topic, root)) = parked else { break };
            if let Some(shared) = self.topics.get_mut(&topic) {
                shared.leads.phase = Phase::Walking(Box::new(Walk::new(root)));
            }
            self.walk_on(topic, host)?;
        }
        Ok(())
    }

    /// The follower's answer to a question.
    pub(super) fn walked(
        &mut self,
        number: Number,
        places: &[(Address, Vec<u8>)],
        host: &dyn Host,
    ) -> Done {
        self.only(Role::Listener)?;
        let Some((topic, home)) = self.serving(number, host)? else { return Ok(()) };
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        shared.follows.answered += 1;
        let hints: usize = places.iter().map(|(_, hints)| hints.len()).sum();
        if shared.follows.answered > ROUNDS || hints > HINT_BYTES + PLACES {
            return Err(Stop::Offence(Offence::Flood));
        }
        let (mine, log) = (shared.mine, LogTrie::new(home, topic));
        let (mut records, mut budget) = (Vec::new(), ANSWER_BYTES);
        for (at, hints) in places {
            if budget == 0 {
                break;
            }
            let more = log.records(*at, hints, &mut budget)?;
            records.extend(more.ok_or(Stop::Offence(Offence::Malformed))?);
        }
        self.send(&Message::Records { topic: mine, root: log.root()?, records });
        Ok(())
    }

    /// Compares the records of an answer with this side's.
    pub(super) fn records(
        &mut self,
        number: Number,
        root: Root,
        mut records: Vec<(Address, Vec<u8>)>,
        host: &dyn Host,
    ) -> Done {
        self.only(Role::Dialer)?;
        let topic = self.named(number)?;
        let Some(home) = self.served(topic, host)? else { return Ok(()) };
        let log = LogTrie::new(home, topic);
        let Some(shared) = self.topics.get_mut(&topic) else { return Ok(()) };
        let Phase::Walking(walk) = &mut shared.leads.phase else {
            return Err(Stop::Offence(Offence::Order));
        };
        if !std::mem::replace(&mut walk.asked, false) {
            return Err(Stop::Offence(Offence::Order));
        }
        // The log may have grown since roots were compared, and one that grows fast always has.
        if walk.frontier.keys().eq([&Address::ROOT]) {
            walk.root = root;
            walk.frontier.insert(Address::ROOT, root);
        }
        // Lowest first, so that what is not kept is not looked for.
        records.sort_by_key(|(at, _)| *at);
        let (mut used, mut lie) = (false, None);
        for (at, record) in records {
            // Of a place that is equal by now, as after a live event, nothing is to be learned.
            let Some(named) = walk.frontier.remove(&at) else { continue };
            match log.compare(at, named, &record, FOUND + 1)? {
                Ok(found) => {
                    used = true;
                    walk.frontier.extend(found.below);
                    walk.there.extend(found.there);
                    walk.here.extend(found.here);
                    walk.keep_first();
                }
                // A second time, without hints, it is not said so.
                Err(Lie::Unclear) if walk.plain.insert(at) => {
                    used = true;
                    walk.frontier.insert(at, named);
                }
                // The follower's log has grown there; the next comparison finds it.
                Err(Lie::Other) if root != walk.root => {}
                Err(error) => {
                    lie = Some(error);
                    break;
                }
            }
        }
        let moved = root != walk.root;
        if used && lie.is_none() {
            shared.note(self.now_ms);
            return self.walk_on(topic, host);
        }
        self.end_walk(topic, host)?;
        match lie {
            Some(_) => Err(Stop::Offence(Offence::Lie)),
            None if moved => Ok(()),
            None => Err(Stop::Offence(Offence::NoProgress)),
        }
    }

    /// Events asked for by id and not here yet.
    pub(super) fn wanted(&self) -> usize {
        self.at_work().map(|shared| shared.takes.wanted.len()).sum()
    }

    /// Events waiting to be sent.
    pub(super) fn queued(&self) -> usize {
        self.at_work().map(|shared| shared.sends.queue.len()).sum()
    }

    fn at_work(&self) -> impl Iterator<Item = &Shared> {
        self.busy.iter().filter_map(|topic| self.topics.get(topic))
    }
}

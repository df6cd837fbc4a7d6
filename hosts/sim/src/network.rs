//! A network on virtual time. What is sent over one connection arrives whole and in order; a
//! connection that is lost takes what is on it with it, and its ends learn of it sooner or later.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel::node::{Input, LinkId};
use myrhiza_kernel_api::{Hash, PublicKey};

use crate::chance::Chance;

/// Milliseconds that a message takes at most.
const LAG_MS: usize = 80;
/// The same where it is slow.
const SLOW_MS: usize = 12_000;
/// Every so manieth connection is.
const SLOW: usize = 10;
/// Milliseconds until an end of a lost connection knows of it, at most.
const LOST_MS: usize = 40_000;

/// A process of a home, by the home's number and its own: what is on its way to one does not reach
/// the next.
pub(crate) type Process = (usize, u64);

/// What reaches a process.
pub(crate) enum Arrival {
    Input(Input),
    /// Its attempt to reach the home with this transport key.
    Dialed(PublicKey),
}

/// A connection.
struct Wire {
    ends: [End; 2],
    lag_ms: usize,
}

struct End {
    process: Process,
    link: LinkId,
    /// When the last message to it arrives.
    last_ms: u64,
}

impl Wire {
    /// The processes it connects.
    fn processes(&self) -> [Process; 2] {
        self.ends.each_ref().map(|end| end.process)
    }
}

#[derive(Default)]
pub(crate) struct Network {
    /// What is on its way to whom, by when it arrives and in which order it was sent.
    arrivals: BTreeMap<(u64, u64), (Process, Arrival)>,
    wires: Vec<Wire>,
    /// Counts what is sent, and ends of connections.
    count: u64,
    /// Bundles that homes serve.
    pub(crate) blobs: BTreeMap<Hash, Vec<u8>>,
    /// Homes that some other did not serve, or they it, since all was healed.
    pub(crate) apart: BTreeSet<usize>,
}

impl Network {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// When something arrives next.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        self.arrivals.keys().next().map(|(due_ms, _)| *due_ms)
    }

    /// What arrives next.
    pub(crate) fn arrive(&mut self) -> Option<(Process, Arrival)> {
        self.arrivals.pop_first().map(|(_, arrival)| arrival)
    }

    /// Brings something to a process at a time.
    pub(crate) fn bring(&mut self, to: Process, due_ms: u64, what: Arrival) {
        let number = self.next();
        self.arrivals.insert((due_ms, number), (to, what));
    }

    /// Connects two processes. Returns what each calls it, and whether it is slow.
    pub(crate) fn connect(
        &mut self,
        processes: [Process; 2],
        chance: &mut Chance,
    ) -> ([LinkId; 2], bool) {
        let lag_ms = if chance.one_in(SLOW) { SLOW_MS } else { LAG_MS };
        let ends = processes.map(|process| End { process, link: LinkId(self.next()), last_ms: 0 });
        let links = ends.each_ref().map(|end| end.link);
        self.wires.push(Wire { ends, lag_ms });
        (links, lag_ms == SLOW_MS)
    }

    /// The connection that this is an end of, and which.
    fn end(&self, link: LinkId) -> Option<(usize, usize)> {
        let is = |wire: &Wire| wire.ends.iter().position(|end| end.link == link);
        self.wires.iter().enumerate().find_map(|(n, wire)| Some((n, is(wire)?)))
    }

    /// Sends from one end of a connection to the other; what it is there, its name says. Of a
    /// connection that is lost nobody hears.
    pub(crate) fn send(
        &mut self,
        from: LinkId,
        what: impl FnOnce(LinkId) -> Input,
        now_ms: u64,
        chance: &mut Chance,
    ) {
        let Some((wire, end)) = self.end(from) else { return };
        let (lag_ms, to) = (self.wires[wire].lag_ms, &mut self.wires[wire].ends[1 - end]);
        to.last_ms = to.last_ms.max(now_ms + 1 + chance.below(lag_ms) as u64);
        let (process, due_ms, input) = (to.process, to.last_ms, what(to.link));
        self.bring(process, due_ms, Arrival::Input(input));
    }

    /// Ends a connection from one side: what was sent before still arrives.
    pub(crate) fn close(&mut self, link: LinkId, now_ms: u64, chance: &mut Chance) {
        let closed = |link| Input::Closed { link, cause: "the peer closed it".into() };
        self.send(link, closed, now_ms, chance);
        self.wires.retain(|wire| wire.ends.iter().all(|end| end.link != link));
    }

    /// Reads nothing of what is sent to an end from now on for so long.
    pub(crate) fn pause(&mut self, link: LinkId, until_ms: u64) {
        if let Some((wire, end)) = self.end(link) {
            let end = &mut self.wires[wire].ends[end];
            end.last_ms = end.last_ms.max(until_ms);
        }
    }

    /// Loses connections, with all that is on them. Returns how many, and how many of their ends
    /// learn of it late.
    pub(crate) fn lose(
        &mut self,
        is_lost: impl Fn([Process; 2]) -> bool,
        now_ms: u64,
        chance: &mut Chance,
    ) -> (usize, usize) {
        let (mut lost, mut late) = (Vec::new(), 0);
        lost.extend(self.wires.extract_if(.., |wire| is_lost(wire.processes())));
        let ends: BTreeMap<_, _> =
            lost.iter().flat_map(|wire| &wire.ends).map(|end| (end.link, end.process)).collect();
        if !ends.is_empty() {
            let kept = |input: &Input| link(input).is_none_or(|link| !ends.contains_key(&link));
            self.arrivals.retain(|_, (_, what)| match what {
                Arrival::Input(input) => kept(input),
                Arrival::Dialed(_) => true,
            });
        }
        for (link, process) in ends {
            let wait_ms = if chance.one_in(3) { chance.below(LOST_MS) } else { 0 };
            late += usize::from(wait_ms > 0);
            let closed = Input::Closed { link, cause: "it was lost".into() };
            self.bring(process, now_ms + wait_ms as u64, Arrival::Input(closed));
        }
        (lost.len(), late)
    }

    /// The connections of all, by what they connect.
    pub(crate) fn connected(&self) -> Vec<[Process; 2]> {
        self.wires.iter().map(Wire::processes).collect()
    }

    /// What a home calls its connections.
    pub(crate) fn links(&self, node: usize) -> Vec<LinkId> {
        let ends = self.wires.iter().flat_map(|wire| &wire.ends);
        ends.filter(|end| end.process.0 == node).map(|end| end.link).collect()
    }
}

/// The connection that something came on.
fn link(input: &Input) -> Option<LinkId> {
    match input {
        Input::Opened { link, .. } | Input::Frame { link, .. } | Input::Closed { link, .. } => {
            Some(*link)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESSES: [Process; 2] = [(0, 0), (1, 0)];

    fn frame(n: u8) -> impl FnOnce(LinkId) -> Input {
        move |link| Input::Frame { link, bytes: vec![n] }
    }

    /// What arrives, frame by frame, and the ends of connections as 255.
    fn arrivals(network: &mut Network) -> Vec<(usize, u8)> {
        let what = |((node, _), what)| match what {
            Arrival::Input(Input::Frame { bytes, .. }) => Some((node, bytes[0])),
            Arrival::Input(Input::Closed { .. }) => Some((node, 255)),
            _ => None,
        };
        std::iter::from_fn(|| network.arrive()).filter_map(what).collect()
    }

    #[test]
    fn what_is_sent_arrives_in_order_then_the_end_of_it() {
        let (mut network, mut chance) = (Network::default(), Chance::of(1));
        let ([here, _], _) = network.connect(PROCESSES, &mut chance);
        (0..20).for_each(|n| network.send(here, frame(n), n.into(), &mut chance));
        network.close(here, 20, &mut chance);
        network.send(here, frame(20), 21, &mut chance);
        let expected: Vec<_> = (0..20).chain([255]).map(|n| (1, n)).collect();
        assert_eq!(arrivals(&mut network), expected);
    }

    #[test]
    fn a_lost_connection_takes_what_is_on_it_and_both_ends_learn_of_it() {
        let (mut network, mut chance) = (Network::default(), Chance::of(1));
        let ([here, there], _) = network.connect(PROCESSES, &mut chance);
        let ([other, _], _) = network.connect([(0, 0), (2, 0)], &mut chance);
        network.send(here, frame(1), 0, &mut chance);
        network.send(there, frame(2), 0, &mut chance);
        network.send(other, frame(3), 0, &mut chance);
        assert_eq!(network.lose(|ends| ends == PROCESSES, 0, &mut chance).0, 1);
        network.send(here, frame(4), 0, &mut chance);
        let mut arrived = arrivals(&mut network);
        arrived.sort_unstable();
        assert_eq!(arrived, [(0, 255), (1, 255), (2, 3)]);
    }
}

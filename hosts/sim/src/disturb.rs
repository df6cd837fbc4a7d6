//! What goes wrong on a network, and what must come of it once all is healed.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use myrhiza_kernel::event::{Body, Event, Kind};
use myrhiza_kernel::runtime::Membership;
use myrhiza_kernel_api::EventId;
use myrhiza_store_kit::Operation as Failing;

use crate::history::{History, KEYS};
use crate::hostile;
use crate::ledger::Operation;
use crate::told::Fault;

/// Milliseconds between two looks whether all have everything.
const LOOK_MS: u64 = 5_000;
/// Milliseconds after which they must: two of the longest back-offs, and time for what follows.
const CONVERGE_MS: u64 = 900_000;
/// Bytes that honest homes send for each event and home there is, with all that is lost and sent again.
const BYTES_AN_EVENT: u64 = 8_000;

impl History<'_> {
    /// Something goes wrong with a connection, a store or a hostile home.
    pub(crate) fn disturb(&mut self) -> Result<()> {
        match self.chance.below(4) {
            0 | 1 => {
                let connected = self.network.connected();
                if let Some(cut) = self.chance.pick(&connected).copied() {
                    self.lose(|ends| ends == cut);
                }
                Ok(())
            }
            2 => self.fail_in_sync(),
            _ => self.harm(),
        }
    }

    /// A partition: what connects the sides is lost.
    pub(crate) fn part(&mut self) {
        let side = self.side.clone();
        self.lose(|[(a, _), (b, _)]| side[a] != side[b]);
    }

    /// A home's store fails while others send to it.
    fn fail_in_sync(&mut self) -> Result<()> {
        self.happened(Fault::FailureInSync);
        let node = self.chance.below(self.nodes.len());
        let (kind, most) = match self.chance.below(4) {
            0 => (Failing::CommitBefore, 6),
            1 => (Failing::CommitAfter, 6),
            2 => (Failing::Snapshot, 100),
            _ => (Failing::Read, 2_000),
        };
        self.nodes[node].faults.arm(kind, self.chance.below(most) as u64);
        for _ in 0..3 {
            let other = self.chance.below(self.nodes.len());
            self.propose(other)?;
        }
        let ms = self.chance.below(3_000) as u64;
        self.advance(self.now_ms + ms)?;
        self.nodes[node].faults.disarm();
        self.check_acknowledged(node)
    }

    /// A hostile home does what does not come by itself.
    fn harm(&mut self) -> Result<()> {
        let nodes = 0..self.nodes.len();
        let hostile = nodes.filter_map(|node| Some((node, self.nodes[node].hostile.as_ref()?.way)));
        let hostile: Vec<_> = hostile.collect();
        match self.chance.pick(&hostile).copied() {
            Some((node, Fault::Flood)) => {
                for _ in 0..self.chance.below(40) {
                    self.submit(node)?;
                }
                Ok(())
            }
            Some((node, Fault::Orphans)) => self.orphans(node),
            _ => Ok(()),
        }
    }

    /// Sends everybody events that name what nobody has.
    fn orphans(&mut self, node: usize) -> Result<()> {
        let own = self.own_events(node)?;
        let Some(last) = own.iter().max_by_key(|event| event.header().seq) else { return Ok(()) };
        let mut events = Vec::new();
        for _ in 0..1 + self.chance.below(20) {
            let mut header = last.header().clone();
            header.seq += 1;
            header.prev = Some(last.id());
            header.parents = vec![EventId(self.chance.seed())];
            header.kind = Kind::App;
            header.variant = 0;
            let payload = Operation::Set.payload(&[b'k', self.chance.below(KEYS) as u8]);
            let event = Event::sign(Body::new(header, &payload)?, &self.nodes[node].scope)?;
            events.push(event.to_bytes());
        }
        for link in self.network.links(node) {
            self.send(node, link, hostile::events(&events));
        }
        Ok(())
    }

    /// Lets time pass until honest homes that are members for each other have the same events.
    pub(crate) fn converge(&mut self) -> Result<()> {
        let healed_ms = self.now_ms;
        self.network.apart.clear();
        self.advance(self.now_ms + LOOK_MS)?;
        self.install_all()?;
        while let Some(apart) = self.apart()? {
            let ms = self.now_ms - healed_ms;
            ensure!(ms < CONVERGE_MS, "after {} s {apart}", ms / 1_000);
            self.advance(self.now_ms + LOOK_MS)?;
        }
        self.nodes.iter_mut().for_each(|node| node.finish(self.now_ms));
        self.follow()?;
        self.told.network.converged_ms = self.now_ms - healed_ms;
        let times = (self.made.len() * self.nodes.len()) as u64;
        let (bytes, most) = (self.told.network.bytes, BYTES_AN_EVENT * times);
        ensure!(bytes <= most, "{bytes} bytes were sent for {} events", self.made.len());
        Ok(())
    }

    /// Two honest homes that should have the same events and do not.
    fn apart(&self) -> Result<Option<String>> {
        let ended = |standing: &Membership| {
            use Membership::{Rejected, Removed, Revoked};
            matches!(standing, Removed | Revoked | Rejected(_))
        };
        let away = |node| self.network.apart.contains(&node);
        for b in self.honest() {
            for a in self.honest().into_iter().take_while(|a| *a < b) {
                let [here, there] = [a, b].map(|node| self.nodes[node].runtime().root(self.topic));
                let (here, there) = (here?, there?);
                if here.log == there.log {
                    continue;
                }
                let standings = [self.standing(a, b)?, self.standing(b, a)?];
                let members = standings.iter().all(|standing| *standing == Membership::Member);
                // Who turns away, or is turned away by, all it knows never hears of others.
                if members || !(standings.iter().any(ended) || away(a) || away(b)) {
                    return Ok(Some(format!(
                        "node {a} has {} events and node {b} {}, for which they are {standings:?}",
                        here.events, there.events
                    )));
                }
            }
        }
        Ok(None)
    }

    /// How a home stands for another.
    fn standing(&self, by: usize, of: usize) -> Result<Membership> {
        let of = &self.nodes[of];
        let (scope, person) = (of.scope.public(), of.person_public());
        Ok(self.nodes[by].runtime().membership(self.topic, scope, person)?)
    }

    /// The homes that are not hostile.
    fn honest(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].hostile.is_none()).collect()
    }

    /// The most honest homes that have the same events, which are all unless somebody was ended.
    pub(crate) fn together(&mut self) -> Result<Vec<usize>> {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for node in self.honest() {
            let log = self.nodes[node].runtime().root(self.topic)?.log;
            groups.entry(log).or_default().push(node);
        }
        let together = groups.into_values().max_by_key(Vec::len).unwrap_or_default();
        self.told.network.together = together.len();
        Ok(together)
    }
}

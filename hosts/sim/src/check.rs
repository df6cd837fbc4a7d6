//! What must hold at the end of every history.

use anyhow::{Result, bail, ensure};
use myrhiza_kernel::apply::Verdict;
use myrhiza_kernel::event::{Event, Kind};
use myrhiza_kernel::runtime::{LogEntry, TopicRoot};

use crate::history::History;
use crate::ledger::Model;
use crate::node::{Node, found};
use crate::shape::Over;

impl History<'_> {
    /// Equal sets give equal roots and verdicts, whatever way they came; nothing acknowledged is
    /// lost; the app's state is that of its model.
    pub(crate) fn check(&mut self) -> Result<()> {
        for node in 0..self.nodes.len() {
            self.check_acknowledged(node)?;
        }
        let together = match self.shape.over {
            Over::Events => (0..self.nodes.len()).collect(),
            Over::Network => self.together()?,
        };
        together.iter().try_for_each(|node| self.votes(*node))?;
        let (first, rest) = together.split_first().unwrap_or_else(|| unreachable!());
        let first = &self.nodes[*first];
        let root = first.runtime().root(self.topic)?;
        let log = first.log(self.topic)?;
        for node in rest {
            self.compare(first, &root, &log, *node)?;
        }
        ensure!(root.state.is_some(), "the topic is not folded to its tip");
        let state = first.runtime().state(self.topic)?;
        self.refold(&root, &log)?;
        self.model(&log, &state)?;
        for entry in &log {
            if let Some(ruling) = &entry.ruling {
                self.count(ruling.verdict);
            }
        }
        self.told.events = log.len();
        // Some of it is in no log: what is refused, and what those made who were ended.
        let made = self.made.len();
        ensure!(self.told.nodes >= 4 && made >= 100, "too small, {made} made: {}", self.told);
        ensure!(self.told.faults.len() >= 3, "too quiet: {}", self.told);
        Ok(())
    }

    fn compare(&self, first: &Node, root: &TopicRoot, log: &[LogEntry], node: usize) -> Result<()> {
        let (other, who) = (&self.nodes[node], format!("the first node and node {node}"));
        let theirs = other.log(self.topic)?;
        let ids = |log: &[LogEntry]| log.iter().map(|entry| entry.place).collect::<Vec<_>>();
        ensure!(ids(log) == ids(&theirs), "{who} have other events after exchanging all");
        for (a, b) in log.iter().zip(&theirs) {
            if a.ruling != b.ruling {
                let kind = a.event.header().kind.name();
                bail!(
                    "{who} judge {kind} {} at {} apart: {:?} and {:?}",
                    a.event.id(),
                    a.place,
                    a.ruling,
                    b.ruling
                );
            }
        }
        let other_root = other.runtime().root(self.topic)?;
        if *root != other_root {
            let (a, b) = (first.runtime().state(self.topic)?, other.runtime().state(self.topic)?);
            let differ: Vec<_> = a.iter().filter(|entry| !b.contains(entry)).take(3).collect();
            bail!("{who} have other roots: {root:?} and {other_root:?}; keys {differ:02x?}");
        }
        Ok(())
    }

    /// What others said of their states, where it can be compared, is what this home has.
    fn votes(&mut self, node: usize) -> Result<()> {
        for known in self.nodes[node].votes(self.topic, self.now_ms)? {
            let (scope, count) = (known.vote.scope(), known.vote.at().count);
            ensure!(
                known.agrees != Some(false),
                "node {node} and {scope} differ after {count} events"
            );
            self.told.network.votes += usize::from(known.agrees.is_some());
        }
        Ok(())
    }

    /// The same set, in one batch in random order and event by event in canonical order.
    fn refold(&mut self, root: &TopicRoot, log: &[LogEntry]) -> Result<()> {
        let mut events: Vec<Event> = log.iter().map(|entry| entry.event.clone()).collect();
        let one_by_one = events.clone();
        let (genesis, rest) = events.split_first_mut().unwrap_or_else(|| unreachable!());
        self.chance.shuffle(rest);
        let genesis = genesis.clone();
        let rest = rest.to_vec();
        for (how, batches) in [
            ("at once", vec![rest]),
            ("one by one", one_by_one.into_iter().map(|event| vec![event]).collect()),
        ] {
            let ground = self.ground;
            let (store, _folder) = ground.store("memory")?;
            (1..ground.versions.len()).try_for_each(|n| ground.install(&*store, n))?;
            let mut runtime = ground.runtime(store);
            found(&mut runtime, std::slice::from_ref(&genesis))?;
            for batch in batches {
                runtime.ingest(self.topic, &batch, self.now_ms)?;
            }
            let again = runtime.root(self.topic)?;
            ensure!(*root == again, "folded {how}, the root is {again:?}, not {root:?}");
        }
        Ok(())
    }

    /// The app's state, folded in plain Rust from the kernel's verdicts.
    fn model(&self, log: &[LogEntry], state: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        let mut model = Model::default();
        for entry in log {
            let Some(ruling) = &entry.ruling else { continue };
            match (entry.event.header().kind, ruling.verdict) {
                (Kind::App, Verdict::Accept) => {
                    model.apply(&entry.event.id().0, entry.event.payload());
                }
                (Kind::Upgrade, verdict @ (Verdict::Accept | Verdict::Trap)) => {
                    let migrated = model.upgrade(&entry.event)?;
                    ensure!(
                        migrated == (verdict == Verdict::Accept),
                        "{verdict:?} at {}",
                        entry.place
                    );
                }
                _ => {}
            }
        }
        let expected: Vec<_> = model.state.into_iter().collect();
        ensure!(state == expected.as_slice(), "the app's state is not that of its model");
        Ok(())
    }
}

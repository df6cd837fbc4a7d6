//! Upgrades: by those who may and those who may not, at one time and late, and homes that get the
//! bundle only after it was in force for others.

use anyhow::Result;
use myrhiza_kernel::codec::Canonical as _;
use myrhiza_kernel::event::payload::Upgrade;
use myrhiza_kernel::event::{Body, Event, Kind};
use myrhiza_kernel::runtime::RuntimeError;

use crate::history::History;
use crate::told::Fault;

impl History<'_> {
    /// A home goes on with a later version, if it may and has it.
    pub(crate) fn upgrade(&mut self, node: usize) -> Result<()> {
        // Only the founder's homes may; others try it too.
        let founders: Vec<_> =
            (0..self.nodes.len()).filter(|n| self.nodes[*n].person == 0).collect();
        let by = self.chance.pick(&founders).copied().unwrap_or(node);
        let by = if self.chance.one_in(5) { node } else { by };
        let (topic, to) = (self.topic, self.some_version());
        let bundle = self.ground.versions[to].bundle.id();
        let made = self.nodes[by].act(self.now_ms, &mut self.chance, |runtime, signer, ambient| {
            runtime.upgrade(topic, signer, ambient, bundle, Vec::new())
        });
        match made {
            Ok(authored) => {
                self.happened(Fault::Upgrade);
                self.publish(by, authored.event, true)
            }
            Err(
                RuntimeError::NotAccepted(_)
                | RuntimeError::NotAMember { .. }
                | RuntimeError::NotInstalled { .. }
                | RuntimeError::Waits { .. }
                | RuntimeError::Busy { .. }
                | RuntimeError::NoTopic { .. }
                | RuntimeError::Fault(_),
            ) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// An author signs an upgrade that no dry run has seen, from whatever to whatever, beside what
    /// it has made since.
    pub(crate) fn forge_upgrade(&mut self, node: usize) -> Result<()> {
        let own = self.own_events(node)?;
        let Some(old) = self.chance.pick(&own).cloned() else { return Ok(()) };
        let (from, to) = (self.chance.below(self.ground.versions.len()), self.some_version());
        let from = self.ground.versions[from].bundle.id();
        let to = self.ground.versions[to].bundle.signed_manifest();
        let payload = Upgrade { from, to, hand_overs: Vec::new() }.to_bytes();
        let mut header = old.header().clone();
        header.seq += 1;
        header.prev = Some(old.id());
        header.parents = Vec::new();
        header.kind = Kind::Upgrade;
        header.variant = 0;
        let event = Event::sign(Body::new(header, &payload)?, &self.nodes[node].scope)?;
        self.happened(Fault::ForgedUpgrade);
        let to = self.chance.below(self.nodes.len());
        self.ingest(to, std::slice::from_ref(&event))?;
        self.publish(to, event, false)
    }

    /// The user of a home installs a version, or has it.
    pub(crate) fn install(&mut self, node: usize) -> Result<()> {
        let version = self.some_version();
        self.nodes[node].install(version, self.topic, self.now_ms)
    }

    /// One but the first.
    fn some_version(&mut self) -> usize {
        1 + self.chance.below(self.ground.versions.len() - 1)
    }
}

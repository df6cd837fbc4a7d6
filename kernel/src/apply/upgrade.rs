//! Folds an `upgrade` event: the next bundle takes effect at its place, and the state is brought into
//! its shape there.

use myrhiza_kernel_api::host::MigrateHost;
use myrhiza_kernel_api::{BundleId, limits};

use super::facts::{FactsMut, InForce, ScopeRecord};
use super::fold::{Fold, Step, Stepped, own};
use super::host::FoldHost;
use super::{Ruling, Verdict};
use crate::bundle::Version;
use crate::event::Body;
use crate::event::payload::{Payload, Upgraders};
use crate::fault::Fault;

impl Fold<'_> {
    /// Folds an upgrade. It waits only for a bundle that will be in force, or trap: what is
    /// rejected without looking at it needs none.
    pub(super) fn upgrade(
        &mut self,
        mut host: Box<FoldHost>,
        body: &Body,
    ) -> Result<Stepped, Fault> {
        let damaged = |cause: &str| Fault::damaged(format!("event {}", body.id()), cause);
        let upgrade = match Payload::decode(body) {
            Ok(Payload::Upgrade(upgrade)) => upgrade,
            Ok(_) => return Err(damaged("another kind")),
            Err(cause) => return Err(damaged(&cause.to_string())),
        };
        let author = match self.author(host.overlay(), body)? {
            Ok(author) => author,
            Err(ruling) => return Ok((host, ruling.into())),
        };
        if !self.may_upgrade(&author) {
            let why = "the genesis does not let its author upgrade the topic";
            return Ok((host, Ruling::kernel_reject(why).into()));
        }
        let InForce { bundle: before, generation } = self.in_force;
        if upgrade.from != before {
            let why = format!("it replaces bundle {}, and {before} is in force", upgrade.from);
            return Ok((host, Ruling::kernel_reject(why).into()));
        }
        let Some(app) = self.apps.app(host.overlay(), before)? else {
            return Ok((host, Step::Waits(before)));
        };
        let (old, new) = (app.manifest.version, upgrade.to.manifest().version);
        if new <= old {
            let why = format!("version {new} is not above version {old}, which is in force");
            return Ok((host, Ruling::kernel_reject(why).into()));
        }
        let bundle = upgrade.to.id();
        if !self.has(host.overlay(), bundle)? {
            return Ok((host, Step::Waits(bundle)));
        }
        let in_force = InForce { bundle, generation: generation.saturating_add(1) };
        FactsMut::new(host.overlay(), self.topic.topic()).put_in_force(in_force);
        let (mut host, ruling) = self.migrate(host, bundle, old)?;
        match ruling.verdict {
            Verdict::Accept => self.in_force = in_force,
            _ => host.overlay().rollback(),
        }
        Ok((host, ruling.into()))
    }

    /// Whether the genesis lets a scope name the next bundle: never one that acts by itself.
    fn may_upgrade(&self, author: &ScopeRecord) -> bool {
        let may = match self.topic.genesis().upgraders {
            Upgraders::Founder => author.person == self.topic.founder(),
        };
        may && author.kind == 0
    }

    /// Runs the `migrate` component of a bundle, if it has one, until nothing is left to do.
    fn migrate(
        &mut self,
        mut host: Box<FoldHost>,
        bundle: BundleId,
        from: Version,
    ) -> Result<(Box<FoldHost>, Ruling), Fault> {
        let trap = |reason: String, fuel| Ruling { verdict: Verdict::Trap, code: 0, reason, fuel };
        let (mut cursor, mut fuel) = (Vec::new(), 0u64);
        host.begin_migration();
        for _ in 0..limits::MIGRATE_CHUNKS {
            let Some(migrate) = self.apps.migrate(host.overlay(), bundle)? else {
                return Ok((host, Ruling::accept(fuel)));
            };
            let from = [from.major, from.minor, from.patch];
            let returned = migrate.migrate(host as Box<dyn MigrateHost>, from, &cursor);
            host = own(returned.host)?;
            let called = returned.outcome?;
            fuel = fuel.saturating_add(called.fuel);
            cursor = match called.result {
                Ok(None) => return Ok((host, Ruling::accept(fuel))),
                Ok(Some(next)) if next.len() <= limits::CURSOR_BYTES => next,
                Ok(Some(_)) => {
                    let most = limits::CURSOR_BYTES;
                    let why = format!("the migration's cursor is longer than {most} bytes");
                    return Ok((host, trap(why, fuel)));
                }
                Err(cause) => return Ok((host, trap(cause.to_string(), fuel))),
            };
            host.next_chunk();
        }
        let why = format!("the migration did not end in {} chunks", limits::MIGRATE_CHUNKS);
        Ok((host, trap(why, fuel)))
    }
}

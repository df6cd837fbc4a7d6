use myrhiza_kernel_api::BundleId;

use super::cuts::index_candidate;
use super::fold::{Fold, Step};
use super::{Apps, Cuts, Ruling, Verdict};
use crate::event::{Body, Founding};
use crate::fault::Fault;
use crate::order::Place;
use crate::state::Overlay;

/// What folding a candidate would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// The verdict it would get.
    pub ruling: Ruling,
    /// State keys it would change.
    pub writes: usize,
}

/// Folds a candidate, by the code that folds the log, above a topic that is folded to its tip.
/// `place` is higher than every place of the log, so the verdict is the one the fold will give.
/// The inner error is a bundle it needs and the home does not have.
///
/// # Errors
/// [`Fault`]
pub fn dry_run(
    mut overlay: Overlay,
    topic: &Founding,
    cuts: &Cuts,
    apps: &mut dyn Apps,
    candidate: &Body,
    place: Place,
) -> Result<Result<DryRun, BundleId>, Fault> {
    index_candidate(&mut overlay, topic, candidate);
    let mut fold = Fold::new(&overlay, topic, cuts, apps)?;
    let mut host = fold.host(overlay);
    host.overlay().begin();
    let (mut host, step) = fold.one(host, candidate, place)?;
    let ruling = match step {
        Step::Ruled(ruling) => ruling,
        Step::Waits(bundle) => return Ok(Err(bundle)),
    };
    let writes = host.overlay().keep()?.len();
    debug_assert!(ruling.verdict == Verdict::Accept || writes == 0);
    Ok(Ok(DryRun { ruling, writes }))
}

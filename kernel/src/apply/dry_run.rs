use super::fold::{App, Fold};
use super::{Cuts, Ruling, Verdict};
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
///
/// # Errors
/// [`Fault`]
pub fn dry_run(
    overlay: Overlay,
    topic: &Founding,
    cuts: &Cuts,
    app: App<'_>,
    candidate: &Body,
    place: Place,
) -> Result<DryRun, Fault> {
    let mut fold = Fold::new(topic, cuts, app);
    let mut host = fold.host(overlay);
    host.overlay().begin();
    let (mut host, ruling) = fold.one(host, candidate, place)?;
    let writes = host.overlay().keep()?.len();
    debug_assert!(ruling.verdict == Verdict::Accept || writes == 0);
    Ok(DryRun { ruling, writes })
}

use std::ops::Bound;

use myrhiza_kernel_api::Snapshot;

use super::back::Back;
use crate::apply::{Apps, Cuts, Stop, Stretch, advance, read_verdict};
use crate::event::Founding;
use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;

/// Whether the event at `place`, folded once more on the state before it, writes what it had written
/// here. If it does not, this home's engine does not do the same twice, or is another one by now.
/// `None` if that is further back than is looked, not folded now, or by an app that is gone.
///
/// # Errors
/// [`Fault`]
pub fn refolds(
    snapshot: Box<dyn Snapshot>,
    topic: &Founding,
    cuts: &Cuts,
    apps: &mut dyn Apps,
    place: Place,
) -> Result<Option<bool>, Fault> {
    let keys = TopicKeys { topic: topic.topic() };
    // A fold that is on its way back may not be there.
    if read_verdict(&*snapshot, topic.topic(), place)?.is_none() {
        return Ok(None);
    }
    let Some(mut back) = Back::to(snapshot, topic.topic(), place)? else { return Ok(None) };
    let Some(written) = back.event(place)? else { return Ok(None) };
    let range = (Bound::Included(keys.key(&[])), Bound::Excluded(keys.place(place)));
    let before = keys.scan_places(back.overlay(), schema::LOG, range, (true, 1))?.pop();
    let one = Stretch { events: 1, bytes: usize::MAX, fuel: u64::MAX };
    let (overlay, folded) = advance(back.into_overlay(), topic, cuts, apps, before, one)?;
    if let Stop::Waits(_) = folded.stop {
        return Ok(None);
    }
    if folded.tip != Some(place) {
        return Err(Fault::damaged(format!("event {}", place.id), "it is not in the log"));
    }
    Ok(Back::above(overlay, topic.topic()).event(place)?.map(|again| again == written))
}

use std::ops::Bound;

use crate::fault::Fault;
use crate::order::{Place, TopicKeys};
use crate::schema;
use crate::state::{Overlay, undo};

/// Events looked at in one go.
const CHUNK: usize = 256;

/// Takes back the fold of every event at `place` or after it, last first, until more than so many
/// bytes are pending or so many events are done, one at least. Returns the last event that is still
/// folded; if that is not before `place`, call again after committing.
///
/// # Errors
/// [`Fault`]; the overlay is then to be dropped.
pub fn rewind_before(
    overlay: &mut Overlay,
    keys: TopicKeys,
    place: Place,
    (bytes, mut events): (usize, u64),
) -> Result<Option<Place>, Fault> {
    let mut to = keys.end();
    loop {
        let folded = folded_before(overlay, keys, &to, CHUNK)?;
        for at in folded.iter().copied() {
            if at < place || overlay.written() > bytes || events == 0 {
                return Ok(Some(at));
            }
            events -= 1;
            let key = keys.place(at);
            undo::apply(overlay, keys.topic, &key)?;
            overlay.delete(schema::VERDICTS, key);
        }
        match folded.last() {
            Some(last) if folded.len() == CHUNK => to = Bound::Excluded(keys.place(*last)),
            _ => return Ok(None),
        }
    }
}

/// The folded events below a key, last first: those that have a verdict.
fn folded_before(
    overlay: &Overlay,
    keys: TopicKeys,
    to: &Bound<Vec<u8>>,
    limit: usize,
) -> Result<Vec<Place>, Fault> {
    let range = (Bound::Included(keys.key(&[])), to.clone());
    keys.scan_places(overlay, schema::VERDICTS, range, (true, limit))
}

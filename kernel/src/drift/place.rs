//! A place on the wire and in rows: `[epoch, height, id]`.

use myrhiza_kernel_api::EventId;

use crate::codec::{CodecError, Reader, Writer};
use crate::order::Place;
use crate::state::trie::LogKey;

pub(super) fn write_place(w: &mut Writer, place: Place) {
    w.array(3).u64(place.epoch.into()).u64(place.height).bytes(place.id);
}

pub(super) fn read_place(r: &mut Reader<'_>) -> Result<Place, CodecError> {
    r.fields("place", 3)?;
    Ok(Place { epoch: r.u32("epoch")?, height: r.u64()?, id: EventId(r.fixed("id")?) })
}

/// Where it stands in the log's trie.
pub(crate) fn log_key(place: Place) -> LogKey {
    LogKey { height: place.height, id: place.id }
}

//! `migrate`.

use super::apply::Apply;
use crate::codec::Codec;
use crate::fault::fault;
use crate::migrate::Version;

/// Reads where the chunk before stopped, runs the next, and gives where to go on.
pub fn migrate<C: Codec>(
    from: Version,
    cursor: &[u8],
    rules: impl FnOnce(&mut Apply, Version, Option<C>) -> Option<C>,
) -> Option<Vec<u8>> {
    let cursor = match cursor {
        [] => None,
        bytes => match C::from_bytes(bytes) {
            Ok(cursor) => Some(cursor),
            Err(_) => fault("the cursor is not the one the chunk before returned"),
        },
    };
    rules(&mut Apply(()), from, cursor).map(|cursor| cursor.to_bytes())
}

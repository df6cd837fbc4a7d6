use super::Host;
use crate::codec::Codec;
use crate::fault::fault;
use crate::migrate::Version;

const CHUNKS: usize = 256;
const CURSOR_BYTES: usize = 1 << 10;

/// Migrates a state that a version of the app left, chunk by chunk as the kernel does it, and
/// returns how many it took. A trap of the rules is a panic here.
pub fn migrate<C: Codec>(
    host: &mut Host,
    from: Version,
    rules: fn(&mut Host, Version, Option<C>) -> Option<C>,
) -> usize {
    let mut cursor = None;
    for chunks in 1..=CHUNKS {
        let Some(next) = rules(host, from, cursor) else { return chunks };
        let bytes = next.to_bytes();
        if bytes.len() > CURSOR_BYTES {
            fault("a cursor is longer than 1 KiB");
        }
        cursor = C::from_bytes(&bytes).ok();
    }
    fault("a migration does not end in 256 chunks")
}

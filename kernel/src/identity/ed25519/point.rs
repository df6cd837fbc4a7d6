//! Points from bytes, canonical encodings only.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};

/// The point `bytes` encode, if they are the encoding RFC 8032 §5.1.2 gives it.
///
/// `decompress` alone takes encodings that no point encodes to, hence the check beforehand.
pub(super) fn decode(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    if is_canonical(bytes) { CompressedEdwardsY(*bytes).decompress() } else { None }
}

/// Whether y < p = 2^255 − 19, and the sign bit is clear where x = 0 (which has no sign).
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    let (negative, high) = (high >> 7 == 1, high & 0x7f);
    // y is one of 2^255 − 256 ..= 2^255 − 1, the only place where p and −1 = p − 1 can be.
    let is_top = high == 0x7f && middle.iter().all(|&b| b == 0xff);
    if is_top && *low >= 0xed {
        return false;
    }
    let is_one = *low == 1 && high == 0 && middle.iter().all(|&b| b == 0);
    let is_minus_one = is_top && *low == 0xec;
    // x = 0 exactly for y = 1 and y = −1.
    !(negative && (is_one || is_minus_one))
}

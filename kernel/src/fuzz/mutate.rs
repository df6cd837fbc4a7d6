use crate::testing::Dice;

/// Longest mutation.
const BYTES: usize = 64 << 10;
/// Heads of CBOR items, with lengths and types that do not belong.
const HEADS: [u8; 12] = [0x1b, 0x3b, 0x5b, 0x7b, 0x9b, 0xbb, 0x5f, 0x9f, 0xff, 0xf6, 0xfb, 0x1a];

/// Bytes changed in up to four places, some of them by what `other` has.
pub(crate) fn mutated(dice: &mut Dice, from: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = from.to_vec();
    for _ in 0..1 + dice.below(4) {
        if bytes.is_empty() {
            bytes.push(dice.below(256) as u8);
        }
        let at = dice.below(bytes.len());
        match dice.below(10) {
            0 => bytes[at] = dice.below(256) as u8,
            1 => bytes[at] ^= 1 << dice.below(8),
            2 => bytes.truncate(at),
            3 => bytes.insert(at, dice.below(256) as u8),
            4 => drop(bytes.remove(at)),
            5 => bytes[at] = *dice.pick(&HEADS),
            6 if !other.is_empty() => {
                let start = dice.below(other.len());
                let end = start + dice.below(other.len() - start + 1);
                bytes.splice(at..at, other[start..end].iter().copied());
            }
            7 => {
                let end = at + dice.below(bytes.len() - at + 1);
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            8 => bytes.iter_mut().skip(at).take(8).for_each(|byte| *byte = 0xff),
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
        bytes.truncate(BYTES);
    }
    bytes
}

use myrhiza_kernel::apply::Verdict;
use myrhiza_kernel::drift::Shown;
use serde::Serialize;

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from pairs of hexadecimal digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// A verdict, as JSON says it.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accept",
        Verdict::Reject => "reject",
        Verdict::Trap => "trap",
    }
}

/// A value, or the start of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// Its length.
    pub bytes: u64,
    /// Its first bytes, in hex.
    pub start: String,
}

impl From<&Shown> for Excerpt {
    fn from(shown: &Shown) -> Self {
        Self { bytes: shown.len, start: hex(&shown.start) }
    }
}

impl Excerpt {
    /// What is shown of a value.
    pub(crate) fn of(value: &[u8]) -> Self {
        Self::from(&Shown::of(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_back_and_nothing_else_is_hex() {
        assert_eq!(from_hex(&hex(&[0, 0xab, 0xff])), Some(vec![0, 0xab, 0xff]));
        assert_eq!(from_hex(""), Some(vec![]));
        assert!(["a", "zz", "+1", "é"].iter().all(|text| from_hex(text).is_none()));
    }
}

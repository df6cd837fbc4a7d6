//! Bytes as text that people copy: a prefix and `1`, then the bytes and a 4-byte hash of them in
//! bech32's alphabet. Bech32's own checksum is made for texts a tenth as long.

use bech32::primitives::decode::{CheckedHrpstring, UncheckedHrpstring};
use bech32::{Hrp, NoChecksum};
use zeroize::Zeroizing;

use crate::hash::{Context, derive};

/// Bytes of the checksum at the end.
const CHECKSUM: usize = 4;

/// One kind of text.
pub(crate) struct Armour {
    /// What it starts with, before the `1`.
    pub(crate) prefix: &'static str,
    /// What its checksum is made for.
    pub(crate) checksum: Context,
    /// Most bytes that are looked at.
    pub(crate) max_bytes: usize,
}

/// Why a text was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArmourError {
    /// It is something else.
    Prefix,
    /// It has characters that such texts do not have, or was changed or cut off.
    Damaged,
}

impl Armour {
    /// The text of some bytes, which may be secret.
    pub(crate) fn to_text(&self, bytes: Vec<u8>) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(bytes);
        let checksum = self.checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        // The prefix is a constant and there is no longest text, so this cannot fail.
        let text = bech32::encode::<NoChecksum>(Hrp::parse_unchecked(self.prefix), &bytes);
        Zeroizing::new(text.unwrap_or_default())
    }

    /// The bytes of a text in one case, blanks around it and white space in it aside: mail and chats
    /// break long lines.
    pub(crate) fn read(&self, text: &str) -> Result<Zeroizing<Vec<u8>>, ArmourError> {
        let prefix = self.prefix.len();
        // Five bits a character.
        let most = prefix + 1 + self.max_bytes * 8 / 5;
        let whole = text.trim();
        // Room for all of it at once: what would be left behind by growing may be secret.
        let mut text = Zeroizing::new(String::with_capacity(whole.len().min(most + 1)));
        let kept = whole.chars().filter(|c| !c.is_ascii_whitespace());
        // One character too many tells enough of what is too long.
        text.extend(kept.take(most + 1));
        let starts = text.get(..prefix).is_some_and(|s| s.eq_ignore_ascii_case(self.prefix));
        if !starts || text.as_bytes().get(prefix) != Some(&b'1') {
            return Err(ArmourError::Prefix);
        }
        if text.len() > most {
            return Err(ArmourError::Damaged);
        }
        let unchecked = UncheckedHrpstring::new(&text).map_err(|_| ArmourError::Damaged)?;
        let checked: CheckedHrpstring<'_> = unchecked.remove_checksum::<NoChecksum>();
        checked.validate_segwit_padding().map_err(|_| ArmourError::Damaged)?;
        let mut bytes: Zeroizing<Vec<u8>> = Zeroizing::new(checked.byte_iter().collect());
        let content = match bytes.split_last_chunk::<CHECKSUM>() {
            Some((content, sum)) if *sum == self.checksum(content) => content.len(),
            _ => return Err(ArmourError::Damaged),
        };
        bytes.truncate(content);
        Ok(bytes)
    }

    fn checksum(&self, content: &[u8]) -> [u8; CHECKSUM] {
        let [a, b, c, d, ..] = derive(self.checksum, &[content]).0;
        [a, b, c, d]
    }
}

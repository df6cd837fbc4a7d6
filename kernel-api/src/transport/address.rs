use std::fmt;
use std::str::FromStr;

use crate::PublicKey;

/// Most addresses that are told of one node.
pub const ADDRESSES: usize = 16;
/// Longest address, in bytes.
pub const ADDRESS_BYTES: usize = 256;

/// One way to reach a node, in words of its transport: `ip:192.0.2.1:4433`, `relay:https://…`.
/// Another transport's are left alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an address is `kind:…`, up to {ADDRESS_BYTES} printable characters without spaces, not {0:?}"
)]
pub struct AddressError(pub String);

impl Address {
    /// What comes before the first colon.
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or("", |(kind, _)| kind)
    }

    /// What comes after it.
    pub fn rest(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, rest)| rest)
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let formed = text.len() <= ADDRESS_BYTES
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && text.split_once(':').is_some_and(|(kind, rest)| {
                !rest.is_empty() && !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase())
            });
        if formed { Ok(Self(text.to_owned())) } else { Err(AddressError(text.to_owned())) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who a peer is and where it may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerAddress {
    /// Its key.
    pub key: PublicKey,
    /// Ways to reach it; all are tried.
    pub addresses: Vec<Address>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_kind_and_no_spaces() {
        let address = "ip:[::1]:4433".parse::<Address>();
        let parts = address.as_ref().map(|address| (address.kind(), address.rest()));
        assert_eq!(parts.ok(), Some(("ip", "[::1]:4433")));
        let long = format!("ip:{}", "1".repeat(ADDRESS_BYTES));
        for bad in ["", "ip", "ip:", ":1", "IP:1", "ip:a b", "ip:\u{e4}", &long] {
            assert_eq!(bad.parse::<Address>(), Err(AddressError(bad.to_owned())));
        }
    }
}

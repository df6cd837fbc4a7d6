//! How a peer's addresses are written: in a ticket, and in a home's store.

use myrhiza_kernel_api::transport::{ADDRESS_BYTES, ADDRESSES};
use myrhiza_kernel_api::{PeerAddress, PublicKey};

use crate::codec::{Canonical, CodecError, Fault, Reader, Writer};

/// Layout: `[key, [address..]]`. Of more than [`ADDRESSES`], the first are written.
impl Canonical for PeerAddress {
    const WHAT: &'static str = "a peer's addresses";
    const MAX_BYTES: usize = 64 + ADDRESSES * (ADDRESS_BYTES + 3);

    fn write(&self, w: &mut Writer) {
        let addresses = self.addresses.iter().take(ADDRESSES);
        w.array(2).bytes(self.key).list(addresses, |w, address| {
            w.text(address.as_str());
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("peer", 2)?;
        let key = PublicKey(r.fixed("key")?);
        let addresses = r.list("addresses", ADDRESSES, |r| {
            let at = r.position();
            let address = r.text("address", ADDRESS_BYTES)?;
            address.parse().map_err(|_| r.malformed(at, Fault::Form { field: "address" }))
        })?;
        Ok(Self { key, addresses })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back_in_their_order_and_within_their_limits() {
        let address = |n: usize| format!("ip:192.0.2.{n}:4433").parse().unwrap();
        let peer =
            |n| PeerAddress { key: PublicKey([7; 32]), addresses: (0..n).map(address).collect() };
        for n in [0, 1, ADDRESSES] {
            assert_eq!(PeerAddress::from_bytes(&peer(n).to_bytes()), Ok(peer(n)));
        }
        assert_eq!(peer(ADDRESSES + 1).to_bytes(), peer(ADDRESSES).to_bytes());
        let longest = format!("ip:{}", "1".repeat(ADDRESS_BYTES - 3)).parse().unwrap();
        let largest = PeerAddress { addresses: vec![longest; ADDRESSES], ..peer(0) };
        assert!(largest.to_bytes().len() <= PeerAddress::MAX_BYTES);
        assert_eq!(PeerAddress::from_bytes(&largest.to_bytes()), Ok(largest));

        let with = |address: &str| {
            let mut w = Writer::new();
            w.array(2).bytes([7; 32]).array(1).text(address);
            PeerAddress::from_bytes(&w.into_bytes())
        };
        assert!(with("ip:a").is_ok());
        let form = Fault::Form { field: "address" };
        for bad in ["", "ip", "IP:1", "ip:a b", "ip:\u{e4}"] {
            let Err(CodecError::Malformed { fault, .. }) = with(bad) else { panic!("{bad}") };
            assert_eq!(fault, form, "{bad}");
        }
    }
}

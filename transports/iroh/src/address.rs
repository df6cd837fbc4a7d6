//! Addresses and keys, as the trait and as iroh write them.

use iroh::{EndpointAddr, EndpointId, KeyParsingError, TransportAddr};
use myrhiza_kernel_api::transport::ADDRESSES;
use myrhiza_kernel_api::{Address, PeerAddress, PublicKey};

const IP: &str = "ip";
const RELAY: &str = "relay";

/// Addresses of other transports are left out.
pub(crate) fn endpoint_addr(peer: &PeerAddress) -> Result<EndpointAddr, KeyParsingError> {
    let id = EndpointId::from_bytes(peer.key.as_bytes())?;
    Ok(EndpointAddr::from_parts(id, peer.addresses.iter().take(ADDRESSES).filter_map(parse)))
}

pub(crate) fn key(id: EndpointId) -> PublicKey {
    PublicKey(*id.as_bytes())
}

/// Of what does not fit an [`Address`], nobody is told.
pub(crate) fn addresses(of: &EndpointAddr) -> Vec<Address> {
    of.addrs.iter().filter_map(format).take(ADDRESSES).collect()
}

fn parse(address: &Address) -> Option<TransportAddr> {
    match address.kind() {
        IP => address.rest().parse().ok().map(TransportAddr::Ip),
        RELAY => address.rest().parse().ok().map(TransportAddr::Relay),
        _ => None,
    }
}

fn format(address: &TransportAddr) -> Option<Address> {
    match address {
        TransportAddr::Ip(address) => format!("{IP}:{address}").parse().ok(),
        TransportAddr::Relay(url) => format!("{RELAY}:{url}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // [TRANSPORT-1]
    #[test]
    fn addresses_are_read_as_they_are_written() {
        let key = iroh::SecretKey::from_bytes(&[1; 32]).public();
        let texts = ["ip:127.0.0.1:4433", "ip:[::1]:4433", "relay:https://relay.example/"];
        let addresses: Vec<Address> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let peer = PeerAddress { key: super::key(key), addresses: addresses.clone() };
        let mut again = super::addresses(&endpoint_addr(&peer).unwrap());
        again.sort();
        let mut sorted = addresses;
        sorted.sort();
        assert_eq!(again, sorted);
    }

    // [TRANSPORT-1]
    #[test]
    fn what_is_no_address_of_ours_is_left_out() {
        for text in ["memory:7", "ip:localhost:4433", "ip:127.0.0.1", "relay:nowhere"] {
            assert_eq!(parse(&text.parse().unwrap()), None, "{text}");
        }
    }
}

//! What a ticket says of the way to its peers, before a home can join by it.

use myrhiza_kernel::event::Ticket;
use wasm_bindgen::prelude::wasm_bindgen;

/// The relays that a ticket's peers are reached through; none of what is no ticket.
#[wasm_bindgen]
pub fn relays_of(ticket: &str) -> Vec<String> {
    let Ok(ticket) = Ticket::parse(ticket.trim()) else { return Vec::new() };
    let addresses = ticket.peers().iter().flat_map(|peer| &peer.addresses);
    let relays = addresses.filter(|address| address.kind() == "relay");
    let mut relays: Vec<String> = relays.map(|address| address.rest().to_owned()).collect();
    relays.sort_unstable();
    relays.dedup();
    relays
}

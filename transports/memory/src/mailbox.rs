//! Events of a topic that wait for one subscriber.

use std::collections::VecDeque;
use std::sync::Mutex;

use event_listener::Event;
use myrhiza_kernel_api::transport::GossipEvent;

use crate::wait::{lock, until};

/// Most events that wait; messages beyond are lost, and told as one [`GossipEvent::Lagged`].
const EVENTS: usize = 256;

#[derive(Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
    changed: Event,
}

#[derive(Default)]
struct State {
    events: VecDeque<GossipEvent>,
    closed: bool,
}

impl Mailbox {
    pub(crate) fn put(&self, event: GossipEvent) {
        let mut state = lock(&self.state);
        if state.closed {
            return;
        }
        match event {
            GossipEvent::Up(_) | GossipEvent::Down(_) => state.neighbour(event),
            _ if state.events.len() < EVENTS => state.events.push_back(event),
            _ if state.events.back() == Some(&GossipEvent::Lagged) => {}
            _ => state.events.push_back(GossipEvent::Lagged),
        }
        self.changed.notify(usize::MAX);
    }

    pub(crate) async fn next(&self) -> Option<GossipEvent> {
        until(&self.changed, || {
            let mut state = lock(&self.state);
            match state.closed {
                true => Some(None),
                false => state.events.pop_front().map(Some),
            }
        })
        .await
    }

    /// Nothing is kept from now on.
    pub(crate) fn close(&self) {
        *lock(&self.state) = State { closed: true, ..State::default() };
        self.changed.notify(usize::MAX);
    }
}

impl State {
    /// Neighbours are never lost. One that came and went before anybody looked was not there, so at
    /// most one event a neighbour waits.
    fn neighbour(&mut self, event: GossipEvent) {
        let same = |waiting: &GossipEvent| match (waiting, &event) {
            (
                GossipEvent::Up(a) | GossipEvent::Down(a),
                GossipEvent::Up(b) | GossipEvent::Down(b),
            ) => a == b,
            _ => false,
        };
        match self.events.iter().rposition(same) {
            Some(at) if self.events[at] != event => {
                self.events.remove(at);
            }
            Some(_) => {}
            None => self.events.push_back(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::PublicKey;

    use super::*;

    #[test]
    fn a_slow_subscriber_loses_messages_but_no_neighbours() {
        let mailbox = Mailbox::default();
        let message = |n: usize| GossipEvent::Message {
            from: PublicKey([1; 32]),
            bytes: n.to_be_bytes().to_vec(),
        };
        (0..2 * EVENTS).for_each(|n| mailbox.put(message(n)));
        for n in 0..100 {
            mailbox.put(GossipEvent::Up(PublicKey([n; 32])));
            mailbox.put(GossipEvent::Down(PublicKey([n; 32])));
        }
        mailbox.put(GossipEvent::Up(PublicKey([1; 32])));
        let events = &lock(&mailbox.state).events;
        assert_eq!(events.len(), EVENTS + 2);
        assert_eq!(events[EVENTS - 1], message(EVENTS - 1));
        assert_eq!(events[EVENTS], GossipEvent::Lagged);
        assert_eq!(events[EVENTS + 1], GossipEvent::Up(PublicKey([1; 32])));
    }
}

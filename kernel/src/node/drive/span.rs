//! What the kernel is at, for a log or a profile: peer and topic are the span's fields, so that all
//! that is said in it can be found by them.

use tracing::{Span, debug_span};

use crate::node::{Input, Switch};

/// The span of one input. A disabled level costs a comparison.
pub(super) fn of(input: &Input, switch: &Switch) -> Span {
    match input {
        Input::Opened { peer, .. } => debug_span!("opened", %peer),
        Input::Frame { link, bytes } => match switch.peer(*link) {
            Some(peer) => debug_span!("message", %peer, bytes = bytes.len()),
            None => Span::none(),
        },
        Input::Closed { link, .. } => match switch.peer(*link) {
            Some(peer) => debug_span!("closed", %peer),
            None => Span::none(),
        },
        Input::NotReached { peer, .. } => debug_span!("not reached", %peer),
        Input::Verified(verified) => {
            let (topic, events) =
                (verified.topic, verified.events().map(<[_]>::len).sum::<usize>());
            match switch.peer(verified.link) {
                Some(peer) => debug_span!("events", %peer, %topic, events),
                None => debug_span!("events", %topic, events),
            }
        }
        Input::Kept { bundle, .. } => debug_span!("bundle kept", %bundle),
        Input::Fetching { bundle, .. } => tracing::trace_span!("bundle on its way", %bundle),
        Input::Fetched { bundle, link, .. } => match switch.peer(*link) {
            Some(peer) => debug_span!("bundle fetched", %peer, %bundle),
            None => debug_span!("bundle fetched", %bundle),
        },
        Input::Held(_) => debug_span!("blobs held"),
        Input::Connect(peer) => debug_span!("connect", peer = %peer.key),
        Input::Awake { .. } => debug_span!("awake"),
        Input::Addresses(_) => debug_span!("addresses"),
        Input::GoOn => debug_span!("events that waited"),
        Input::Tick => tracing::trace_span!("tick"),
    }
}

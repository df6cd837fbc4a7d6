use myrhiza_kernel_api::{PeerAddress, TopicId};
use serde::Serialize;

use crate::desk::{About, Who};
use crate::journal::Lines;
use crate::methods::{
    act, apps, asked, dag, drift, event, log, members, offers, peers, root, state, surface,
    tickets, topics, view,
};

/// What a request is answered with; which, follows from the method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is named as what it holds")]
pub enum Answer {
    /// It is done, and there is nothing to say.
    Done {},
    Who(Who),
    About(About),
    Topics(Vec<topics::Shown>),
    View(view::Viewed),
    Surface(surface::Shown),
    Acted(act::Done),
    Pressed(Box<asked::Pressed>),
    Asked(Vec<asked::Asked>),
    Entered(topics::Entered),
    Ticket(Box<tickets::Shown>),
    Invited(tickets::Invited),
    Members(members::Shown),
    Apps(Vec<apps::Shown>),
    Offers(Vec<offers::Listed>),
    Offer(Box<offers::Offer>),
    Installed(apps::Short),
    Refused(offers::Refused),
    Peers(peers::Shown),
    Lines(Lines),
    Log(log::Page),
    Event(Box<event::Shown>),
    State(state::Page),
    Root(root::Root),
    Drift(Box<drift::Drift>),
    Compared(drift::Compared),
    Forks(Vec<dag::Fork>),
    Pending(Vec<dag::Waiting>),
}

/// An answer, and what the host is to have its node do for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// For [`myrhiza_kernel::node::drive::Node`], once the kernel is free again.
    pub ask: Option<Ask>,
}

/// Something that only a node can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Connects to a peer, and stays so.
    Connect(PeerAddress),
    /// Compares the state of a topic with that of peers.
    Compare(TopicId),
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, ask: None }
    }
}

impl Answered {
    /// The answer as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.answer).unwrap_or_default()
    }
}

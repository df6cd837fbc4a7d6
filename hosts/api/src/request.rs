use myrhiza_kernel_api::{BundleId, EventId, PublicKey, TopicId};
use serde::Deserialize;

use crate::asked::Said;
use crate::methods::surface::Input;
use crate::{Error, id};

/// What a user asks of a host: `{"method": .., "params": {..}}`. Nothing may be there that is not
/// named here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields' names say it; what is not plain is said at the variant"
)]
pub enum Request {
    /// Whose home it is, and which scope of theirs.
    Who {},
    /// The program, what it runs on, and the home's settings.
    About {},

    /// The topics, with how this home stands in each.
    Topics {},
    /// What the app shows now. With the version that is at hand, an unchanged view is not sent again;
    /// of a large one, so many nodes, and so many rows of each table.
    View {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        known: Option<String>,
        limit: Option<usize>,
    },
    /// What is on the app's surface, after what was done there since the last time. With the version
    /// that is at hand, an unchanged drawing is not sent again.
    Surface {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        known: Option<String>,
        input: Vec<Input>,
    },
    /// Proposes, tries, signs.
    Act {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        intent: Vec<String>,
    },
    /// Takes what the user pressed or filled in, in the words of the view: by the app, where it does
    /// that; else as `act` does.
    Press {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        words: Vec<String>,
    },
    /// What the app waits for of its user.
    Asked {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Answers one of these.
    Complete { token: String, said: Said },
    /// Founds a topic of an installed app.
    Found {
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
        name: String,
        open: bool,
    },
    /// Forgets a topic in this home.
    Leave {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Goes on with another installed version of the topic's app.
    Upgrade {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
    },

    /// What a ticket is for; nothing is joined.
    Ticket { ticket: String },
    /// Enters the topic of a ticket.
    Join { ticket: String, name: Option<String>, even_if_expired: bool },
    /// Makes a ticket. It is over so many milliseconds from now, if that is said; it is for other homes
    /// of this person with `device`.
    Invite {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        uses: u32,
        lasts_ms: Option<u64>,
        may_invite: bool,
        device: bool,
    },
    /// Ends a ticket that this person made: nobody else comes in by it.
    EndTicket { ticket: String },
    /// Who belongs to a topic.
    Members {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Ends a person's membership.
    Remove {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        #[serde(deserialize_with = "id::one")]
        person: PublicKey,
    },

    /// The installed apps, with what their authors say of them.
    Apps {},
    /// The bundles that wait for the user's word.
    Offers {},
    /// What installing one would mean.
    Offer {
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
    },
    /// Takes a packed bundle, in hex, as an offer. It is not installed.
    Take { bytes: String },
    /// Installs an offer. `shown` is that of the offer the user saw: if there is more to know by now,
    /// nothing is installed. One that its author has withdrawn is installed only to be pinned.
    Confirm {
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
        shown: String,
        pin: bool,
    },
    /// Lets an offer go.
    Refuse {
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
    },
    /// Keeps to an installed app although its author has withdrawn it.
    Pin {
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
    },
    /// Removes an app that no topic needs.
    Uninstall {
        #[serde(deserialize_with = "id::one")]
        bundle: BundleId,
    },

    /// The peers this node is connected to, and how far each topic and fetch is.
    Peers {},
    /// Connects to a node, `KEY@ADDRESS,..`, and stays so.
    Connect { peer: String },
    /// What the node has told lately, after a line's number.
    Journal { after: Option<u64> },

    /// Events in canonical order: those after one, or else the last before one or of all.
    Log {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        #[serde(default, deserialize_with = "id::maybe")]
        after: Option<EventId>,
        #[serde(default, deserialize_with = "id::maybe")]
        before: Option<EventId>,
        limit: Option<usize>,
    },
    /// One event, with what it changed.
    Event {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        #[serde(deserialize_with = "id::one")]
        event: EventId,
    },
    /// The app's part of the state, after a key in hex.
    State {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
        after: Option<String>,
        limit: Option<usize>,
    },
    /// The digest of a topic's state.
    Root {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Whether other homes have this one's state.
    Drift {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Has the state compared with that of connected nodes now; what comes of it is told.
    Compare {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Who is known to have signed two events with one number.
    Forks {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
    /// Events that wait for others.
    Pending {
        #[serde(deserialize_with = "id::one")]
        topic: TopicId,
    },
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// `bad-request`
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(|error| Error::bad_request(&error))
    }
}

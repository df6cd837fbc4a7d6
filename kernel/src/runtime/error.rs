use myrhiza_kernel_api::limits::NAME_BYTES;
use myrhiza_kernel_api::{BundleId, EventId, TopicId};

use super::{Busy, Waits};
use crate::apply::Ruling;
use crate::bundle::{Refusal, Version};
use crate::codec::CodecError;
use crate::event::{BodyError, TicketError};
use crate::fault::Fault;

/// As much of a name as one may have, of one that is perhaps far longer.
fn start(name: &str) -> String {
    match name.char_indices().nth(NAME_BYTES) {
        Some(_) => name.chars().take(NAME_BYTES).chain(['…']).collect(),
        None => name.to_owned(),
    }
}

/// What of the things the runtime is given cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Subject {
    /// A ticket.
    #[error("the ticket")]
    Ticket,
    /// A person's key.
    #[error("the person")]
    Person,
    /// A topic's events.
    #[error("the topic")]
    Topic,
    /// The event a topic begins with.
    #[error("the genesis")]
    Genesis,
    /// The same, in an export.
    #[error("the export's genesis")]
    ExportGenesis,
    /// A bundle of the user's.
    #[error("the bundle")]
    Bundle,
    /// A bundle of a peer's.
    #[error("the bundle a peer sent")]
    SentBundle,
    /// Why a bundle is withdrawn.
    #[error("the reason")]
    Reason,
    /// An event of this home's that its own log did not take.
    #[error("the event this home made")]
    OwnEvent,
    /// Something encoded.
    #[error("the data")]
    Data,
}

/// Why the runtime did not do what it was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// This host failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// There is no such topic in this home.
    #[error("there is no topic {topic} in this home")]
    NoTopic {
        /// As it was asked for.
        topic: String,
    },
    /// A topic is there already.
    #[error("the topic {topic} is in this home already, as `{name}`")]
    HaveTopic {
        /// Its id.
        topic: TopicId,
        /// What it is called here.
        name: String,
    },
    /// Another topic of this home has the name.
    #[error("another topic of this home is called `{name}`")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A topic that is here already cannot be given a name by taking it in again.
    #[error("the topic {topic} is in this home already, and is called `{name}` here")]
    Named {
        /// Its id.
        topic: TopicId,
        /// What it is called here.
        name: String,
    },
    /// A name that does not fit.
    #[error("the name {:?} does not fit: 1 to 64 bytes of visible text", start(.name))]
    Name {
        /// The name.
        name: String,
    },
    /// The bundle cannot be installed.
    #[error(transparent)]
    Install(#[from] Refusal),
    /// The app is not installed.
    #[error("bundle {bundle} is not installed")]
    NotInstalled {
        /// What is missing.
        bundle: BundleId,
    },
    /// A topic is not folded to its tip, for want of the bundle of an upgrade.
    #[error("topic {topic} goes on with {waits}, which is not installed")]
    Waits {
        /// The topic.
        topic: TopicId,
        /// What it waits for.
        waits: Box<Waits>,
    },
    /// Something is done with a topic that takes long; it can be asked for again when that is done.
    #[error("topic {topic} {busy}")]
    Busy {
        /// The topic.
        topic: TopicId,
        /// What is done.
        busy: Busy,
    },
    /// An app whose topics are here cannot be removed.
    #[error("the topic `{topic}` of this home needs version {version} of the app `{app}`")]
    InUse {
        /// The app.
        app: String,
        /// Which of its versions.
        version: Version,
        /// What a topic that needs it is called here.
        topic: String,
    },
    /// The app has no component for that.
    #[error("the app `{app}` has no `{profile}` component")]
    NoComponent {
        /// The app.
        app: String,
        /// The profile.
        profile: &'static str,
    },
    /// The app's `state-propose` has one, so raw payloads are not taken.
    #[error("the app `{app}` makes its own payloads")]
    HasPropose {
        /// The app.
        app: String,
    },
    /// The component refused the intent.
    #[error("{0}")]
    Refused(String),
    /// The component trapped.
    #[error("the app `{app}` failed in its `{what}`: {trap}")]
    Trapped {
        /// The app.
        app: String,
        /// What of it ran.
        what: &'static str,
        /// How it ended.
        trap: String,
    },
    /// Nothing with this token waits for an outcome.
    #[error("the app no longer waits for this answer: it was given, or the app was started anew")]
    NotAsked,
    /// The outcome is not one of what was asked for.
    #[error("this is no answer to what the app asked")]
    NoAnswer,
    /// The dry run did not accept the candidate.
    #[error("the event was not made: {}", .0.reason)]
    NotAccepted(Ruling),
    /// A ticket could not be made.
    #[error("no ticket was made: {0}")]
    Ticket(#[from] TicketError),
    /// An event could not be made.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// This home's scope is no member of the topic.
    #[error("this home is not a member of topic {topic}")]
    NotAMember {
        /// The topic.
        topic: TopicId,
    },
    /// This home left the topic and came back without all the events it had made.
    #[error(
        "this home made event {event} in topic {topic} before it left and does not have it now"
    )]
    Behind {
        /// The topic.
        topic: TopicId,
        /// The last it made.
        event: EventId,
    },
    /// A ticket or file is not what it should be.
    #[error("{what} cannot be used: {cause}")]
    BadInput {
        /// What.
        what: Subject,
        /// Why.
        cause: String,
    },
    /// A later version of this program made it, so nobody is to blame.
    #[error("{what} was made by a later version of this program: {cause}")]
    UpdateNeeded {
        /// What.
        what: Subject,
        /// Why.
        cause: String,
    },
    /// The event asked for is not in the log.
    #[error("event {event} is not in the log of this topic")]
    NoEvent {
        /// Its id.
        event: EventId,
    },
}

impl From<myrhiza_kernel_api::StoreError> for RuntimeError {
    fn from(error: myrhiza_kernel_api::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<CodecError> for RuntimeError {
    fn from(error: CodecError) -> Self {
        Self::BadInput { what: Subject::Data, cause: error.to_string() }
    }
}

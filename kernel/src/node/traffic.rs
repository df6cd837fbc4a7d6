//! What goes into a [`super::Switch`], and what comes out.

use myrhiza_kernel_api::{Address, BundleId, Hash, PeerAddress, PublicKey, TopicId};

use super::link::LinkId;
use super::told::Told;
use crate::dag::{IngestReport, RefusedEvent};
use crate::event::{Event, UnverifiedEvent};
use crate::identity::SignatureError;
use crate::sync::{Blob, Nonce, Role};

/// What happens to a node.
pub enum Input {
    /// A connection is there.
    Opened {
        /// What it is called.
        link: LinkId,
        /// Who is at the other end, as the transport has it.
        peer: PublicKey,
        /// Which side this is.
        role: Role,
        /// From a cryptographically secure source.
        nonce: Nonce,
    },
    /// A message came.
    Frame {
        /// On which connection.
        link: LinkId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// A connection has ended, or was never there.
    Closed {
        /// Which.
        link: LinkId,
        /// Why, for people.
        cause: String,
    },
    /// A peer was not reached.
    NotReached {
        /// Who.
        peer: PublicKey,
        /// Why, for people.
        cause: String,
    },
    /// The signatures of a batch were checked.
    Verified(Verified),
    /// A bundle is served as this blob from now on; none if that failed.
    Kept {
        /// The bundle.
        bundle: BundleId,
        /// What it is served as.
        blob: Option<Blob>,
    },
    /// So much of a bundle is here.
    Fetching {
        /// The bundle.
        bundle: BundleId,
        /// From whom.
        link: LinkId,
        /// Bytes that are here.
        bytes: u64,
        /// Bytes there are.
        total: u64,
    },
    /// A bundle was fetched, or was not.
    Fetched {
        /// The bundle.
        bundle: BundleId,
        /// From whom.
        link: LinkId,
        /// The bytes that have the blob's hash, or why there are none, for people.
        bytes: Result<Vec<u8>, String>,
    },
    /// The blobs, or parts of blobs, that the transport has since before this node was started.
    Held(Vec<Hash>),
    /// A connection to this peer is wanted, and kept up.
    Connect(PeerAddress),
    /// The machine slept or has another network: who was not reached is tried again at once.
    Awake {
        /// It slept for longer than its peers wait for one that says nothing.
        slept: bool,
    },
    /// This node is reached so from now on.
    Addresses(Vec<Address>),
    /// There is time to go on with events that wait to be folded. Without it they go on with each
    /// tick.
    GoOn,
    /// Time passes; every second or so.
    Tick,
}

/// What a node is to do, in order.
pub enum Output {
    /// Send a message.
    Send {
        /// On which connection.
        link: LinkId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Check a batch's signatures and give it back, in the order they were given out.
    Verify(Batch),
    /// Read nothing from a connection for so long.
    Pause {
        /// Which.
        link: LinkId,
        /// Milliseconds.
        ms: u64,
    },
    /// End a connection, once what was to be sent is sent.
    Close {
        /// Which.
        link: LinkId,
    },
    /// Serve these bytes as a blob; answered by [`Input::Kept`].
    Keep {
        /// The bundle they are.
        bundle: BundleId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Fetch a blob; answered by [`Input::Fetched`].
    Fetch {
        /// The bundle it is said to be.
        bundle: BundleId,
        /// The blob.
        blob: Blob,
        /// Whose connection it was told on.
        link: LinkId,
        /// From whom.
        from: PeerAddress,
    },
    /// Fetch it from there no longer; there is no answer.
    EndFetch {
        /// The bundle.
        bundle: BundleId,
        /// Whose connection it was told on.
        link: LinkId,
    },
    /// Keep a blob, or what has come of it, no longer.
    Forget {
        /// Its hash.
        hash: Hash,
    },
    /// Open a connection; there is an answer, [`Input::Opened`] or [`Input::NotReached`].
    Dial(PeerAddress),
    /// For those who watch.
    Told(Told),
}

/// Events whose signatures are to be checked.
pub struct Batch {
    pub(super) link: LinkId,
    pub(super) topic: TopicId,
    /// Of the batch, those that were in the log.
    pub(super) known: u64,
    pub(super) events: Vec<UnverifiedEvent>,
}

/// Batches of events whose signatures were checked, of one topic and connection.
pub struct Verified {
    pub(super) link: LinkId,
    pub(super) topic: TopicId,
    /// In the order they came.
    pub(super) batches: Vec<(IngestReport, Vec<Event>)>,
}

impl Batch {
    /// Checks the signatures: `verify` has the verdict of each event, in order.
    pub fn verified(
        self,
        verify: impl FnOnce(Vec<UnverifiedEvent>) -> Vec<Result<Event, SignatureError>>,
    ) -> Verified {
        let authors: Vec<_> =
            self.events.iter().map(|e| (e.id(), e.body().header().scope)).collect();
        let mut report = IngestReport { known: self.known, ..IngestReport::default() };
        let mut events = Vec::with_capacity(authors.len());
        for (verdict, (id, scope)) in verify(self.events).into_iter().zip(authors) {
            match verdict {
                Ok(event) => events.push(event),
                Err(error) => {
                    let (reason, waited) = (error.to_string(), false);
                    report.refused.push(RefusedEvent { id, scope, reason, waited });
                }
            }
        }
        Verified { link: self.link, topic: self.topic, batches: vec![(report, events)] }
    }
}

impl Verified {
    /// Events that are handed on as one input, the last batch aside; how many go into one transaction
    /// is for `pace` to say.
    const EVENTS: usize = 4096;

    /// The events of each batch.
    pub(super) fn events(&self) -> impl Iterator<Item = &[Event]> {
        self.batches.iter().map(|(_, events)| &events[..])
    }

    /// Takes what came after this along in one transaction, or gives it back: it may be of another
    /// topic or connection, or enough is taken along.
    ///
    /// # Errors
    /// What it was given.
    pub fn and(&mut self, next: Self) -> Result<(), Self> {
        let events: usize = self.batches.iter().map(|(_, events)| events.len()).sum();
        if (self.link, self.topic) != (next.link, next.topic) || events >= Self::EVENTS {
            return Err(next);
        }
        self.batches.extend(next.batches);
        Ok(())
    }
}

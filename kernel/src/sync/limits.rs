//! How much of everything a session sends, takes and keeps. Two peers may differ in what they
//! keep; what is longer than one message may be is refused. None of it decides what is in a log.

use myrhiza_kernel_api::limits::EVENT_BYTES;

/// Bytes of events after which a batch is sent; the event that passes it is the last.
pub const BATCH_BYTES: usize = 256 << 10;
/// Most events of one batch.
pub const BATCH_EVENTS: usize = 1024;
/// Batches of a peer that are on the way, verified or folded at one time, over all topics.
pub const WINDOW: u32 = 6;
/// Longest message, in bytes: a batch with its heads.
pub const MESSAGE_BYTES: usize = BATCH_BYTES + EVENT_BYTES + 9 * (BATCH_EVENTS + 1);

/// Most topics of one side of a connection.
pub const TOPICS: usize = 4096;
/// Topics of one connection whose logs are walked at one time.
pub const WALKS: usize = 4;
/// Most places one question of a walk names.
pub const PLACES: usize = 128;
/// Most bytes of hints of one question, over all its places; each has at least one.
pub const HINT_BYTES: usize = 10 << 10;
/// Bytes of records after which an answer ends; the record that passes it is the last.
pub const ANSWER_BYTES: usize = 64 << 10;
/// Most records of one answer.
pub const RECORDS: usize = 1536;
/// Most questions of one walk; then roots are compared again.
pub const ROUNDS: u32 = 1024;
/// Most places that a walk has yet to ask about; those that come last are left to the next.
pub const FRONTIER: usize = 16_384;
/// Most events a walk finds on either side; those that come last are left to the next.
pub const FOUND: usize = 8192;

/// Most ids of one request for events.
pub const IDS: usize = 1024;
/// Events asked for by id and not yet here, over all topics of a connection.
pub const WANTED: usize = 4096;
/// Events waiting to be sent to a peer, over all topics. A peer that asks for more floods.
pub const QUEUED: usize = 16_384;
/// Requests in a row for what live events name; then roots are compared instead.
pub const PULLS: u32 = 32;
/// Live events of a peer that are remembered, so as not to be sent back.
pub const HEARD: usize = 1024;
/// A log of no more events than this is not walked: the other is asked for everything.
pub const SMALL_LOG: u64 = 16;
/// Nor is one that the other exceeds so many times.
pub const SMALL_SHARE: u64 = 16;
/// Comparisons in a row that changed nothing; then a topic rests.
pub const FRUITLESS: u32 = 3;

/// Most peers one message tells of.
pub const TOLD_PEERS: usize = 16;
/// Messages of peers for one topic of a connection.
pub const INTRODUCTIONS: u32 = 4;

/// Bundles that are asked for of one topic of a connection, and of none.
pub const BUNDLES: usize = 64;
/// Milliseconds after which the same one may be asked for again.
pub const ASK_AGAIN_MS: u64 = 30_000;

/// Milliseconds for a peer to greet.
pub const GREETING_MS: u64 = 10_000;
/// Milliseconds for an answer, or for the next part of one.
pub const ANSWER_MS: u64 = 60_000;
/// Milliseconds a leader waits for an answer at most while another sends the topic's history.
pub const HOLD_MS: u64 = 30_000;
/// Milliseconds after which a topic that rests is compared again.
pub const REST_MS: u64 = 60_000;
/// Milliseconds a peer is not read from after an offence, once it is throttled.
pub const PAUSE_MS: u64 = 1_000;

/// Points at which a peer is throttled.
pub const THROTTLE_POINTS: u32 = 500;
/// Points at which the connection is closed.
pub const CLOSE_POINTS: u32 = 1_000;
/// Points forgotten each second.
pub const FORGIVEN_POINTS: u32 = 20;

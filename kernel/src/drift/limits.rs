//! How much of everything is kept, asked and answered. None of it decides what is in a state.

/// Anchors kept of a topic.
pub const ANCHORS: u64 = 64;
/// Anchors ahead of this home's log that a vote may be.
pub const AHEAD: u64 = 64;
/// Reports kept of a topic.
pub const REPORTS: usize = 64;
/// Reports kept of one scope in a topic.
pub const SCOPE_REPORTS: usize = 4;

/// Most events among which the first that differs is looked for.
pub const EVENTS: u64 = 1 << 14;
/// Bytes that may be put back to see a state as it was.
pub const VIEW_BYTES: usize = 16 << 20;
/// Bytes of keys and values that may be looked at for it.
pub const READ_BYTES: usize = 64 << 20;
/// Parts into which the events between an equal and a differing state are split at a time.
pub const WAYS: u64 = 16;
/// Most places one question about a trie names.
pub const PLACES: usize = 32;
/// Most questions about a trie.
pub const ROUNDS: u32 = 64;
/// Most places of a trie that are yet to be asked about; what is more is left out.
pub const FRONTIER: usize = 512;
/// Most keys of a report.
pub const KEYS: usize = 16;
/// Bytes of a value that are shown.
pub const SHOWN_BYTES: usize = 1024;
/// Longest record of a state's trie, in bytes: a bucket full of the longest keys.
pub const RECORD_BYTES: usize = 1 + 16 * (2 + 385 + 32);
/// Longest message, in bytes: as many of the longest records as are asked for.
pub const MESSAGE_BYTES: usize = 256 << 10;

/// Inquiries by one peer that are answered in [`PERIOD_MS`].
pub const INQUIRIES: u32 = 4;
/// Votes one peer tells, its own and others', that are looked at in [`PERIOD_MS`].
pub const VOTES: u32 = 1024;
/// Milliseconds over which these are counted.
pub const PERIOD_MS: u64 = 60_000;
/// Milliseconds for an answer.
pub const ANSWER_MS: u64 = 60_000;
/// Milliseconds for a whole inquiry, since it holds a snapshot of the store.
pub const INQUIRY_MS: u64 = 300_000;

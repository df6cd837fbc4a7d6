//! Every limit that decides what is accepted, in one place. Only the largest size of a thing whose
//! layout is fixed stands beside that layout, and how many units of fuel an instruction is beside the
//! pass that counts them.
//!
//! These are part of the protocol: two peers that differ in one of them can differ in state.
//! Changing one is a new kernel major version; the specification repeats each number, and
//! `cargo xtask tidy` compares the two, so that a change is deliberate.

/// Largest payload of one event, in bytes.
pub const PAYLOAD_BYTES: usize = 1 << 20;
/// Most parents of one event.
pub const PARENTS: usize = 64;
/// Largest encoded signed event, in bytes: the payload and 8 KiB for everything else.
pub const EVENT_BYTES: usize = PAYLOAD_BYTES + (8 << 10);
/// Longest chain of invitations behind a `join`.
pub const INVITATION_CHAIN: usize = 16;
/// Most scopes of one person in one topic, ended ones counted: a `remove` names the last event of
/// each among its parents, and the highest heads besides.
pub const PERSON_SCOPES: usize = 48;
/// Introductions on the chain of an event, the last before it, of which the accepted one says whose
/// the event is: more of them are the scope's own doing and count for nothing there.
pub const INTRODUCTIONS: usize = 16;
/// Most scopes that one `revoke` or `remove` ends.
pub const CUTS: usize = PERSON_SCOPES;
/// Most invitations of which one `revoke` or `remove` says who stands; the payload has room for
/// about as many.
pub const INVITATION_CUTS: usize = 16_384;
/// Most acceptors that stand by one invitation that is ended.
pub const RECOGNISED_ACCEPTORS: usize = 32_768;
/// Most hand-overs between the first author of an app and that of the bundle an `upgrade` names.
pub const HAND_OVERS: usize = 16;
/// Longest name of a scope, topic or app, in bytes of UTF-8.
pub const NAME_BYTES: usize = 64;

/// Largest guest key of the state map, in bytes.
pub const STATE_KEY_BYTES: usize = 384;
/// Largest value of the state map, in bytes.
pub const STATE_VALUE_BYTES: usize = 1 << 20;
/// Most host calls in one call of a component.
pub const HOST_CALLS: u64 = 10_000;
/// Host calls that checking one signature counts as: it takes as long as some hundred others.
pub const SIGNATURE_CALLS: u64 = 100;
/// Most bytes read through host calls in one call of a component.
pub const HOST_READ_BYTES: u64 = 64 << 20;
/// Most bytes written through host calls in one call of a component.
pub const HOST_WRITE_BYTES: u64 = 16 << 20;
/// Most bytes that one scan gives: entries with 8 bytes each. The first entry it gives always.
pub const SCAN_BYTES: usize = 1 << 20;
/// Most members that one call lists.
pub const MEMBERS_LISTED: usize = 16_384;
/// Most random bytes that one call gives.
pub const RANDOM_BYTES: usize = 1 << 20;
/// Most commands of one drawing.
pub const CANVAS_COMMANDS: usize = 8_192;
/// Most bytes of one drawing: its commands, their steps, and the bytes of texts and pixels.
pub const CANVAS_BYTES: u64 = 1 << 20;
/// Longest side of a surface, in units of its own.
pub const CANVAS_SIDE: u32 = 16_384;
/// Longest name of a surface, and longest name of a key, in bytes of UTF-8.
pub const CANVAS_NAME_BYTES: usize = 256;
/// Longest text that says what is on a surface, in bytes of UTF-8.
pub const CANVAS_TEXT_BYTES: usize = 16 << 10;
/// Most input that is handed over in one call.
pub const CANVAS_INPUTS: usize = 256;
/// Longest reason a verdict keeps, in bytes; what is longer is cut at a character boundary.
pub const REASON_BYTES: usize = 1 << 10;

/// Most chunks of one migration: calls of a `migrate` component, each of which may use what a
/// `state-apply` call may.
pub const MIGRATE_CHUNKS: usize = 256;
/// Most bytes that one migration writes and replaces, with [`MIGRATE_WRITE_BYTES`] for each write:
/// all of them are kept until the upgrade is judged.
pub const MIGRATE_BYTES: u64 = 256 << 20;
/// Bytes that a write of a migration counts beside its key, its value and the value it replaces.
pub const MIGRATE_WRITE_BYTES: u64 = 64;
/// Bytes that a scan of a migration counts as read for each delete of the chunks before it: it may
/// have to step over all of them.
pub const MIGRATE_DELETE_BYTES: u64 = 4;
/// Largest cursor that a chunk of a migration hands to the next, in bytes.
pub const CURSOR_BYTES: usize = 1 << 10;

/// Fuel of one `state-apply` call, and of one chunk of a migration.
pub const FUEL_STATE_APPLY: u64 = 10_000_000;
/// Fuel of one `state-propose` call.
pub const FUEL_STATE_PROPOSE: u64 = 50_000_000;
/// Fuel of one `interaction` call.
pub const FUEL_INTERACTION: u64 = 100_000_000;
/// Linear memory of one component, in bytes.
pub const MEMORY_BYTES: u64 = 64 << 20;
/// Value stack of one component's call chain, in units of the instrumentation (about a byte of
/// native stack each).
pub const STACK_UNITS: u64 = 256 << 10;
/// Entries of one component's table.
pub const TABLE_ENTRIES: u64 = 10_000;
/// Largest component, in bytes, before instrumentation.
pub const COMPONENT_BYTES: usize = 8 << 20;
/// Largest component after instrumentation, in bytes.
pub const INSTRUMENTED_BYTES: usize = 64 << 20;
/// Core modules of one component.
pub const COMPONENT_MODULES: usize = 8;
/// Types, imports, exports, aliases, instances and canonical functions of one component together.
pub const COMPONENT_ITEMS: usize = 4_096;
/// Components within components.
pub const COMPONENT_NESTING: usize = 4;
/// Types of one core module.
pub const MODULE_TYPES: usize = 4_096;
/// Functions one core module defines.
pub const MODULE_FUNCTIONS: usize = 32_768;
/// Imports, exports and globals of one core module, each.
pub const MODULE_ITEMS: usize = 1_024;
/// Tables of one core module.
pub const MODULE_TABLES: usize = 8;
/// Data segments of one core module, and element segments.
pub const MODULE_SEGMENTS: usize = 128;
/// Parameters and results of one function type together.
pub const FUNCTION_VALUES: usize = 128;
/// Largest function body, in bytes.
pub const FUNCTION_BYTES: usize = 256 << 10;
/// Locals one function declares, parameters not counted.
pub const FUNCTION_LOCALS: usize = 1_024;
/// Longest name of an export of a core module, in bytes.
pub const EXPORT_NAME_BYTES: usize = 128;
/// Branches of one function: `block`, `loop`, `if` and `br_if`, and the targets of each `br_table`. A
/// compiler's work grows faster than they do.
pub const FUNCTION_BRANCHES: usize = 4_096;
/// Branches of all functions of one component together.
pub const COMPONENT_BRANCHES: usize = 131_072;
/// Largest packed bundle, in bytes.
pub const BUNDLE_BYTES: usize = 64 << 20;
/// Largest manifest, in bytes.
pub const MANIFEST_BYTES: usize = 64 << 10;
/// Longest description in a manifest, in bytes of UTF-8.
pub const DESCRIPTION_BYTES: usize = 1 << 10;
/// Most components of one bundle.
pub const BUNDLE_COMPONENTS: usize = 16;
/// Longest reason that an author gives for withdrawing a bundle, in bytes of UTF-8.
pub const WITHDRAWAL_BYTES: usize = 1 << 10;
/// Most scopes of one capability in a manifest: origins or kinds of files.
pub const CAPABILITY_SCOPES: usize = 16;
/// Longest scope of a capability, in bytes.
pub const SCOPE_BYTES: usize = 256;

/// Largest key of an app's own store, in bytes.
pub const KV_KEY_BYTES: usize = 384;
/// Largest value of an app's own store, in bytes.
pub const KV_VALUE_BYTES: usize = 256 << 10;
/// Most bytes of an app's own store: keys, values, and [`KV_ENTRY_BYTES`] for each entry.
pub const KV_BYTES: u64 = 16 << 20;
/// Bytes that an entry of an app's own store counts beside its key and value.
pub const KV_ENTRY_BYTES: u64 = 64;
/// Most operations that one instance has open.
pub const OPEN_OPERATIONS: usize = 256;
/// Longest question of a prompt, and longest of its choices and answers, in bytes of UTF-8.
pub const PROMPT_BYTES: usize = 4 << 10;
/// Most choices of a prompt.
pub const PROMPT_CHOICES: usize = 16;
/// Longest text for the clipboard, in bytes of UTF-8.
pub const CLIPBOARD_BYTES: usize = 64 << 10;
/// Longest address to be opened, in bytes.
pub const ADDRESS_BYTES: usize = 2 << 10;
/// Largest file a user gives to an app, in bytes.
pub const FILE_BYTES: usize = 1 << 20;
/// Longest name of such a file, in bytes of UTF-8.
pub const FILE_NAME_BYTES: usize = 255;
/// The public key of a server that pushes, in bytes.
pub const PUSH_KEY_BYTES: usize = 65;
/// Longest subscription to such a server, in bytes of JSON.
pub const SUBSCRIPTION_BYTES: usize = 4 << 10;

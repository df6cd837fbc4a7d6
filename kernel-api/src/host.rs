//! What the kernel hands a component: one trait per WIT interface, one union per profile.
//!
//! The kernel implements these; a backend calls them when a component calls its imports. All
//! counting of host calls and bytes happens behind them, so that every backend counts alike.
//! Functions and their meaning are those of `wit/kernel.wit`.

use std::any::Any;

use crate::canvas::{Drawing, Input, Subject};
use crate::operation::{Operation, Refusal};
use crate::{EventId, Hash, MaybeSend, PublicKey, StoreError, TopicId, ui::View};

/// Why a host call did not return to the component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostStop {
    /// The component broke a rule or a limit: a deterministic trap, the same on every peer.
    #[error("{0}")]
    Trap(HostTrap),
    /// The host failed: nothing is decided, the call is tried again later.
    #[error(transparent)]
    Local(#[from] StoreError),
}

/// The rules a host call can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostTrap {
    /// More than [`crate::limits::HOST_CALLS`] calls.
    #[error("too many host calls")]
    Calls,
    /// More than [`crate::limits::HOST_READ_BYTES`] read.
    #[error("too many bytes read through host calls")]
    ReadBytes,
    /// More than [`crate::limits::HOST_WRITE_BYTES`] written.
    #[error("too many bytes written through host calls")]
    WriteBytes,
    /// More than [`crate::limits::MIGRATE_BYTES`] written and replaced.
    #[error("too many bytes written and replaced by one migration")]
    MigrateBytes,
    /// A state key longer than [`crate::limits::STATE_KEY_BYTES`], or empty.
    #[error("a state key is empty or too long")]
    Key,
    /// A state value longer than [`crate::limits::STATE_VALUE_BYTES`].
    #[error("a state value is too long")]
    Value,
    /// A drawing of more than [`crate::limits::CANVAS_COMMANDS`] or [`crate::limits::CANVAS_BYTES`].
    #[error("a drawing has too many commands or bytes")]
    Drawing,
    /// An argument of a fixed size (a key, a signature, a hash) has another size.
    #[error("an argument has the wrong size")]
    Argument,
}

/// What a host call gives back.
pub type HostResult<T> = Result<T, HostStop>;

/// Severity of a component's log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

impl From<u32> for Level {
    /// As the `log` interface numbers them: 3 and more are debug.
    fn from(level: u32) -> Self {
        match level {
            0 => Self::Error,
            1 => Self::Warn,
            2 => Self::Info,
            _ => Self::Debug,
        }
    }
}

/// `log`, `hash`, `signature`, `fork-proof`, `topic-info`: what every profile may use.
pub trait CommonHost: Any + MaybeSend {
    /// `log.write`: a line for people; it changes nothing.
    ///
    /// # Errors
    /// [`HostStop`], as for every host call.
    fn log(&mut self, level: Level, message: &[u8]) -> HostResult<()>;
    /// `hash.blake3`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn hash(&mut self, data: &[u8]) -> HostResult<Hash>;
    /// `signature.verify`: Ed25519 by the kernel's acceptance rule; `key` is 32 bytes, `signature` 64.
    ///
    /// # Errors
    /// [`HostStop`]
    fn verify(&mut self, key: &[u8], message: &[u8], signature: &[u8]) -> HostResult<bool>;
    /// `fork-proof.verify`: the scope key that signed both events of the proof, if it is one of
    /// this topic.
    ///
    /// # Errors
    /// [`HostStop`]
    fn fork_proof(&mut self, proof: &[u8]) -> HostResult<Option<PublicKey>>;
    /// `topic-info.topic`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn topic(&mut self) -> HostResult<TopicId>;
    /// `topic-info.founder`: the founder's person key.
    ///
    /// # Errors
    /// [`HostStop`]
    fn founder(&mut self) -> HostResult<PublicKey>;
    /// `topic-info.generation`: how many upgrades the bundle in force is away from the first.
    ///
    /// # Errors
    /// [`HostStop`]
    fn generation(&mut self) -> HostResult<u32>;
    /// `topic-info.member`: who invited `person` (the founder invited themselves), if a member.
    ///
    /// # Errors
    /// [`HostStop`]
    fn member(&mut self, person: &[u8]) -> HostResult<Option<PublicKey>>;
    /// `topic-info.members`: up to `limit` members after `after` (empty: from the first), as
    /// person and inviter, 64 bytes each, ascending by person.
    ///
    /// # Errors
    /// [`HostStop`]
    fn members(&mut self, after: &[u8], limit: u32) -> HostResult<Vec<u8>>;
}

/// Reads of the state map: `state` (own writes included) or `state-view` (at the tip).
pub trait StateRead {
    /// `get`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>>;
    /// `scan`: entries with `from <= key < to` (an empty `to`: no end), ascending, at most `limit`
    /// of them and at most 1 MiB, each as key length (u32, little-endian), value length (u32),
    /// key, value. The first entry is returned whatever its size.
    ///
    /// # Errors
    /// [`HostStop`]
    fn scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>>;
}

/// Writes of the state map: `state`.
pub trait StateWrite: StateRead {
    /// `set`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn set(&mut self, key: &[u8], value: &[u8]) -> HostResult<()>;
    /// `delete`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn delete(&mut self, key: &[u8]) -> HostResult<()>;
}

/// The event at hand, with its author resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    /// Its id. A candidate in a dry run has the id it would get.
    pub id: EventId,
    /// The author's long-term key.
    pub person: PublicKey,
    /// The signing key.
    pub scope: PublicKey,
    /// Whose the scope is: 0 a device, 1 a behavior.
    pub scope_kind: u32,
    /// Number of the event in its scope.
    pub seq: u64,
    /// Depth in the DAG; genesis is 0.
    pub height: u64,
    /// The author's claim of the time: milliseconds since 1970 shifted left by 16, and a counter.
    pub hlc: u64,
    /// The bundle generation it was made for.
    pub generation: u32,
    /// The payload's kind, the app's.
    pub variant: u32,
    /// The payload, the app's.
    pub payload: Vec<u8>,
}

/// `event`: the event being folded.
pub trait EventHost {
    /// The event. Each access of the component is one host call that reads the field's bytes.
    ///
    /// # Errors
    /// [`HostStop`]
    fn field(&mut self, field: EventField) -> HostResult<FieldValue<'_>>;
}

/// A field of [`EventView`], as the `event` interface names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of EventView")]
pub enum EventField {
    Id,
    Person,
    Scope,
    ScopeKind,
    Seq,
    Height,
    Hlc,
    Generation,
    Variant,
    Payload,
}

/// The value of an [`EventField`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// `Id`, `Person`, `Scope` and `Payload`.
    Bytes(&'a [u8]),
    /// All others.
    Number(u64),
}

/// `clock` and `random`: for the profiles whose results are judged, not trusted.
pub trait FreeHost {
    /// `clock.now`: this node's hybrid logical clock.
    ///
    /// # Errors
    /// [`HostStop`]
    fn now(&mut self) -> HostResult<u64>;
    /// `random.bytes`: at most 1 MiB.
    ///
    /// # Errors
    /// [`HostStop`]
    fn random(&mut self, len: u32) -> HostResult<Vec<u8>>;
}

/// `ui`: what the user sees.
pub trait UiHost {
    /// `ui.viewer`: the person in front of the screen.
    ///
    /// # Errors
    /// [`HostStop`]
    fn viewer(&mut self) -> HostResult<PublicKey>;
    /// `ui.show`: replaces what is shown.
    ///
    /// # Errors
    /// [`HostStop`]
    fn show(&mut self, view: View) -> HostResult<()>;
}

/// `canvas`: a surface to draw on.
pub trait CanvasHost {
    /// `canvas.show`: shows a surface.
    ///
    /// # Errors
    /// [`HostStop`]
    fn surface(&mut self, subject: Subject) -> HostResult<()>;
    /// `canvas.draw`: replaces what is on it.
    ///
    /// # Errors
    /// [`HostStop`]
    fn draw(&mut self, drawing: Drawing) -> HostResult<()>;
    /// `canvas.input`: what was done there since the last time.
    ///
    /// # Errors
    /// [`HostStop`]
    fn input(&mut self) -> HostResult<Vec<Input>>;
    /// `canvas.act`: proposes, if somebody pressed.
    ///
    /// # Errors
    /// [`HostStop`]
    fn act(&mut self, intent: Vec<String>) -> HostResult<bool>;
}

/// Why an app's own store did not keep something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KvRefusal {
    /// The key is empty or longer than [`crate::limits::KV_KEY_BYTES`].
    Key,
    /// The value is longer than [`crate::limits::KV_VALUE_BYTES`].
    Value,
    /// All of it would be more than [`crate::limits::KV_BYTES`].
    Full,
}

/// `kv`: this peer's own store for this app.
pub trait KvHost {
    /// `kv.get`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn kv_get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>>;
    /// `kv.set`.
    ///
    /// # Errors
    /// [`HostStop`]; the inner one is for the component.
    fn kv_set(&mut self, key: &[u8], value: &[u8]) -> HostResult<Result<(), KvRefusal>>;
    /// `kv.delete`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn kv_delete(&mut self, key: &[u8]) -> HostResult<()>;
    /// `kv.scan`, as [`StateRead::scan`].
    ///
    /// # Errors
    /// [`HostStop`]
    fn kv_scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>>;
}

/// `intent`, and the operations: `prompt`, `clipboard-write`, `file-picker`, `navigate`, `push`.
pub trait ActHost {
    /// `intent.propose`.
    ///
    /// # Errors
    /// [`HostStop`]
    fn propose(&mut self, words: Vec<String>) -> HostResult<()>;
    /// `…-submit`: the token that [`crate::Interaction::complete`] is called with.
    ///
    /// # Errors
    /// [`HostStop`]; the inner one is for the component.
    fn submit(&mut self, operation: Operation) -> HostResult<Result<u64, Refusal>>;
}

/// All a `state-apply` component can reach.
pub trait ApplyHost: CommonHost + StateWrite + EventHost {}
impl<T: CommonHost + StateWrite + EventHost> ApplyHost for T {}

/// All a `migrate` component can reach.
pub trait MigrateHost: CommonHost + StateWrite {}
impl<T: CommonHost + StateWrite> MigrateHost for T {}

/// All a `state-propose` component can reach.
pub trait ProposeHost: CommonHost + StateRead + FreeHost {}
impl<T: CommonHost + StateRead + FreeHost> ProposeHost for T {}

/// All an `interaction` component can reach.
pub trait InteractionHost:
    CommonHost + StateRead + FreeHost + UiHost + CanvasHost + KvHost + ActHost
{
}
impl<T: CommonHost + StateRead + FreeHost + UiHost + CanvasHost + KvHost + ActHost> InteractionHost
    for T
{
}

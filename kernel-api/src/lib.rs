//! The traits a Myrhiza plug-in implements, and the types in their signatures.
//!
//! A plug-in (store, backend, transport, profile) is one crate that depends on this one and on outside
//! crates, never on the kernel or on another plug-in. Nothing here does I/O or knows an async
//! runtime, and everything compiles for `wasm32-unknown-unknown`.
//!
//! | trait | what it is |
//! |---|---|
//! | [`Store`] | ordered keyspaces of bytes with owned snapshots and atomic, durable batches |
//! | [`Backend`] | compiles an instrumented component and calls it, one typed trait a profile |
//! | [`Transport`] | connections to peers by public key, and blobs by hash |
//! | [`ProfilePolicy`] | the rules a component runs under, as data the kernel enforces |
//!
//! Each plug-in registers itself with one [`register!`] line; see [`registry`].
#![warn(missing_docs)]

pub mod backend;
pub mod canvas;
pub mod host;
pub mod id;
pub mod limits;
pub mod operation;
pub mod profile;
pub mod registry;
pub mod store;
pub mod transport;
pub mod ui;

mod maybe_send;

#[doc(hidden)]
pub use inventory;

pub use backend::{
    Backend, BackendError, Called, Candidate, Component, Interaction, Migrate, Returned,
    StateApply, StatePropose, Trap, Verdict,
};
pub use id::{BundleId, ComponentId, EventId, Hash, LineageId, PublicKey, Signature, TopicId};
pub use maybe_send::{MaybeSend, MaybeSync};
pub use profile::{
    Determinism, InstanceLife, Permission, Permit, Profile, ProfileLimits, ProfilePolicy,
};
pub use registry::{Kind, OpenedTransport, Registration, Registry, RegistryError};
pub use store::{
    Keyspace, Snapshot, Store, StoreConfig, StoreError, StoreExt, WriteBatch, WriteFault,
};
pub use transport::{
    Address, BoxFuture, Connection, PeerAddress, Transport, TransportConfig, TransportError,
};

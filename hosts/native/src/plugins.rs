//! The plug-ins of this build. A crate nobody references is not linked, so each is named here.

#[cfg(feature = "backend-wasmtime")]
use myrhiza_backend_wasmtime as _;
use myrhiza_profile_interaction as _;
use myrhiza_profile_migrate as _;
use myrhiza_profile_state_apply as _;
use myrhiza_profile_state_propose as _;
#[cfg(feature = "store-lmdb")]
use myrhiza_store_lmdb as _;
#[cfg(feature = "store-memory")]
use myrhiza_store_memory as _;
#[cfg(feature = "transport-iroh")]
use myrhiza_transport_iroh as _;
#[cfg(feature = "transport-memory")]
use myrhiza_transport_memory as _;

use myrhiza_kernel_api::Kind;

/// The relay that nodes of a transport in this build use.
#[cfg(feature = "relay")]
pub(crate) use myrhiza_transport_iroh::relay;

/// What this crate's features should have linked. Of each kind the first is what a new home uses.
pub(crate) const EXPECTED: &[(Kind, &str)] = &[
    #[cfg(feature = "store-lmdb")]
    (Kind::Store, "lmdb"),
    #[cfg(feature = "store-memory")]
    (Kind::Store, "memory"),
    #[cfg(feature = "backend-wasmtime")]
    (Kind::Backend, "wasmtime"),
    #[cfg(feature = "transport-iroh")]
    (Kind::Transport, "iroh"),
    #[cfg(feature = "transport-memory")]
    (Kind::Transport, "memory"),
    (Kind::Profile, "interaction"),
    (Kind::Profile, "migrate"),
    (Kind::Profile, "state-apply"),
    (Kind::Profile, "state-propose"),
];

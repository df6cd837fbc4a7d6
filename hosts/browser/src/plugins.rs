//! The plug-ins of this build. What nobody calls is not linked, so each is called here.

use std::path::PathBuf;
use std::sync::Arc;

use myrhiza_api::Error;
use myrhiza_kernel::schema;
use myrhiza_kernel_api::{
    Backend, Kind, Registration, Registry, Store, StoreConfig, Transport, TransportConfig,
};
use myrhiza_store_opfs as opfs;

use crate::fault;

/// What this crate should have linked.
const EXPECTED: &[(Kind, &str)] = &[
    (Kind::Store, opfs::NAME),
    (Kind::Store, "memory"),
    (Kind::Backend, "web"),
    (Kind::Transport, "iroh"),
    (Kind::Transport, "memory"),
    (Kind::Profile, "interaction"),
    (Kind::Profile, "migrate"),
    (Kind::Profile, "state-apply"),
    (Kind::Profile, "state-propose"),
];

/// The plug-ins, compared with what the build should hold.
pub(crate) fn registry() -> Result<Registry, Error> {
    myrhiza_backend_web::linked();
    myrhiza_profile_interaction::linked();
    myrhiza_profile_migrate::linked();
    myrhiza_profile_state_apply::linked();
    myrhiza_profile_state_propose::linked();
    myrhiza_store_memory::linked();
    opfs::linked();
    myrhiza_transport_iroh::linked();
    myrhiza_transport_memory::linked();
    Registry::collect(EXPECTED).map_err(|error| fault::build(&error))
}

/// The name of the store on the browser's files.
pub(crate) const OPFS: &str = opfs::NAME;

/// Opens a store by its name, in a folder of its own where it keeps any.
pub(crate) async fn store(
    registry: &Registry,
    name: &str,
    folder: PathBuf,
) -> Result<Arc<dyn Store>, Error> {
    let mut path = None;
    if name == opfs::NAME {
        opfs::prepare(&folder.to_string_lossy()).await.map_err(|error| fault::store(&error))?;
        path = Some(folder);
    }
    match registry.get(Kind::Store, name) {
        Ok(Registration::Store { open, .. }) => {
            let config = StoreConfig { path, keyspaces: schema::ALL };
            open(&config).map_err(|error| fault::store(&error))
        }
        Ok(_) => Err(fault::build(&"a store is registered as something else")),
        Err(error) => Err(fault::build(&error)),
    }
}

/// Lets others have the folder of a store that is not open after all.
pub(crate) fn let_go(folder: &str) {
    if let Err(error) = opfs::release(folder) {
        tracing::warn!(%error, "this tab keeps files that it does not use");
    }
}

/// The engine that components run on.
pub(crate) fn backend(registry: &Registry) -> Result<Arc<dyn Backend>, Error> {
    match registry.get(Kind::Backend, "web") {
        Ok(Registration::Backend { create, .. }) => create().map_err(|error| fault::build(&error)),
        Ok(_) => Err(fault::build(&"a backend is registered as something else")),
        Err(error) => Err(fault::build(&error)),
    }
}

/// The way to peers. Without a relay nobody can be reached from a browser: then it is one that leads
/// to nobody, until a ticket or the settings name a relay.
pub(crate) async fn transport(
    registry: &Registry,
    config: TransportConfig,
) -> Result<Arc<dyn Transport>, Error> {
    let name = if config.relays.is_empty() { "memory" } else { "iroh" };
    match registry.get(Kind::Transport, name) {
        Ok(Registration::Transport { open, .. }) => {
            open(config).await.map_err(|error| fault::transport(&error))
        }
        Ok(_) => Err(fault::build(&"a transport is registered as something else")),
        Err(error) => Err(fault::build(&error)),
    }
}

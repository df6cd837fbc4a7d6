//! `migrate`.

use std::sync::Arc;

use myrhiza_kernel_api::host::MigrateHost;
use myrhiza_kernel_api::{Migrate, Returned};
use wasmtime::component::{ComponentType, Lower};

use crate::instance::{Callee, Compiled};

pub(crate) const EXPORT: &str = "migrate";

/// From which version, and the cursor.
type Taken = (Version, Vec<u8>);
/// The next cursor; none at the end.
type Given = (Option<Vec<u8>>,);

/// As with `state-apply`, every call finds the memory of a new instance, and the instance is kept.
pub(crate) struct Chunks {
    callee: Callee<dyn MigrateHost, Taken, Given>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Chunks {
    pub(crate) fn new(compiled: Arc<Compiled<dyn MigrateHost>>, fuel: u64) -> Self {
        Self { callee: Callee::new(compiled, fuel) }
    }
}

impl Migrate for Chunks {
    fn migrate(
        &mut self,
        host: Box<dyn MigrateHost>,
        [major, minor, patch]: [u32; 3],
        cursor: &[u8],
    ) -> Returned<Box<dyn MigrateHost>, Option<Vec<u8>>> {
        let from = Version { major, minor, patch };
        self.callee.call(host, (from, cursor.to_vec())).map(|(cursor,)| cursor)
    }
}

use myrhiza_kernel_api::{BundleId, Migrate, Snapshot, StateApply};

use crate::bundle::Manifest;
use crate::fault::Fault;

/// The apps of a home, as a fold asks for them. Which it has decides how far a fold comes, never
/// what it gives.
pub trait Apps {
    /// An app, compiled; `None` if the home does not have it.
    ///
    /// # Errors
    /// [`Fault`]
    fn app(&mut self, reader: &dyn Snapshot, bundle: BundleId) -> Result<Option<App<'_>>, Fault>;

    /// The `migrate` component of an app that is there, compiled; `None` if it has none.
    ///
    /// # Errors
    /// [`Fault`]
    fn migrate(
        &mut self,
        reader: &dyn Snapshot,
        bundle: BundleId,
    ) -> Result<Option<&mut (dyn Migrate + 'static)>, Fault>;
}

/// An app events are folded through.
pub struct App<'a> {
    /// Its `state-apply` component, compiled.
    pub state_apply: &'a mut (dyn StateApply + 'static),
    /// Its manifest, for version and author policy.
    pub manifest: &'a Manifest,
}

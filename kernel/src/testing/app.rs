//! The test's app as a bundle that can be installed, and a backend that runs the script in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};

use myrhiza_kernel_api::{
    Backend, BackendError, Component, Determinism, InstanceLife, Interaction, Permit, Profile,
    ProfileLimits, StateApply, StatePropose, WriteBatch, limits,
};

use super::{Broken, Op, Script};
use crate::bundle::{Bundle, KERNEL, Manifest, Version, pack};
use crate::identity::SecretKey;
use crate::schema;

pub(crate) static PROFILE: Profile = Profile {
    name: "state-apply",
    world: "myrhiza:kernel/state-apply@1.0.0",
    exports: &["apply"],
    permits: &[Permit::always("state")],
    determinism: Determinism::Strict,
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY),
    life: InstanceLife::FreshMemory,
};

/// Its proposals may be of every kind but one: what a device may not author is told by the kernel,
/// not by the app.
pub(crate) static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| bundle(manifest()));

/// The app with anchors after every so many events.
pub(crate) fn bundle_with_interval(drift_interval: u32) -> Bundle {
    bundle(Manifest { drift_interval, ..manifest() })
}

fn bundle(manifest: Manifest) -> Bundle {
    let component = crate::bundle::tests::guests::apply("", "");
    pack(manifest, BTreeMap::from([("state-apply".into(), component)]))
        .unwrap()
        .sign(&SecretKey::from_seed(&[3; 32]))
}

/// What a store holds once it is installed: put there, since an install refuses authors without
/// the component they author by, and here they need none.
pub(crate) fn installed(bundle: &Bundle) -> WriteBatch {
    let mut batch = WriteBatch::new();
    let row = [&bundle.id().0[..], &0u32.to_be_bytes()].concat();
    batch.put(schema::BUNDLES, row, bundle.to_bytes());
    batch
}

pub(crate) fn manifest() -> Manifest {
    let may = (0..=Op::ShortArgument as u32).collect::<BTreeSet<_>>();
    Manifest {
        id: "script".into(),
        name: "Script".into(),
        version: Version { major: 1, minor: 0, patch: 0 },
        description: String::new(),
        kernel: KERNEL,
        profiles: ["state-apply".into()].into(),
        authors: [("state-propose".into(), may)].into(),
        drift_interval: 1024,
    }
}

/// Runs [`Script`] whatever it is given.
#[derive(Default)]
pub(crate) struct ScriptBackend {
    /// Calls until one fails on this host.
    pub(crate) fails_after: Arc<Mutex<Option<u32>>>,
    /// What it does otherwise than every other backend.
    pub(crate) broken: Arc<Mutex<Option<Broken>>>,
}

impl Backend for ScriptBackend {
    fn name(&self) -> &'static str {
        "script"
    }

    fn version(&self) -> String {
        let broken = self.broken.lock().unwrap().is_some();
        if broken { "2, broken".into() } else { "1".into() }
    }

    fn state_apply(&self, _: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        let (fails_after, broken) = (Arc::clone(&self.fails_after), Arc::clone(&self.broken));
        Ok(Box::new(Script { fails_after, broken }))
    }

    fn state_propose(&self, _: Component<'_>) -> Result<Box<dyn StatePropose>, BackendError> {
        Err(none())
    }

    fn interaction(&self, _: Component<'_>) -> Result<Box<dyn Interaction>, BackendError> {
        Err(none())
    }
}

fn none() -> BackendError {
    BackendError::Local { backend: "script", cause: "the script only folds".into() }
}

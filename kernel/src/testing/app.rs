//! The test's app as a bundle that can be installed, and a backend that runs the script in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};

use myrhiza_kernel_api::{
    Backend, BackendError, Component, ComponentId, Determinism, InstanceLife, Interaction, Migrate,
    Permit, Profile, ProfileLimits, StateApply, StatePropose, WriteBatch, limits,
};

use super::script::Script;
use super::{Broken, Op};
use crate::bundle::{
    Bundle, Capabilities, Components, KERNEL, Manifest, Version, pack, tests::guests,
};
use crate::component::admit;
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

pub(crate) static MIGRATE: Profile = Profile {
    name: "migrate",
    world: "myrhiza:kernel/migrate@1.0.0",
    exports: &["migrate"],
    ..PROFILE
};

/// Its proposals may be of every kind but one: what a device may not author is told by the kernel,
/// not by the app.
pub(crate) static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| first(manifest()));

/// The app with anchors after every so many events.
pub(crate) fn bundle_with_interval(drift_interval: u32) -> Bundle {
    first(Manifest { drift_interval, ..manifest() })
}

fn first(manifest: Manifest) -> Bundle {
    let components = [("state-apply".into(), component(0))].into();
    pack(manifest, components).unwrap().sign(&author())
}

/// Who signs it.
pub(crate) fn author() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

/// Version 1.`minor`.0 of it, which migrates, signed by `author`.
pub(crate) fn version(minor: u32, author: &SecretKey) -> Bundle {
    version_with_interval(minor, author, manifest().drift_interval)
}

/// The same with anchors after every so many events.
pub(crate) fn version_with_interval(minor: u32, author: &SecretKey, interval: u32) -> Bundle {
    bundle(minor, author, interval, [("migrate".into(), guests::migrate(minor))].into())
}

/// A version without a migration.
pub(crate) fn unmigrating(minor: u32, author: &SecretKey) -> Bundle {
    bundle(minor, author, manifest().drift_interval, BTreeMap::new())
}

fn bundle(
    minor: u32,
    author: &SecretKey,
    drift_interval: u32,
    mut components: Components,
) -> Bundle {
    components.insert("state-apply".into(), component(minor));
    let manifest = Manifest {
        version: Version { major: 1, minor, patch: 0 },
        profiles: components.keys().cloned().collect(),
        authors: BTreeMap::new(),
        drift_interval,
        ..manifest()
    };
    pack(manifest, components).unwrap().sign(author)
}

/// The `state-apply` component of a version: what it holds is only looked at to tell which it is.
fn component(minor: u32) -> Vec<u8> {
    guests::apply("", &"(func)".repeat(minor as usize))
}

/// What the components of each version are once they are instrumented.
static VERSIONS: LazyLock<BTreeMap<ComponentId, u32>> = LazyLock::new(|| {
    let id = |bytes: &[u8], profile| admit(bytes, profile).unwrap().id;
    let versions = 0..8;
    let apply = versions.clone().map(|minor| (id(&component(minor), &PROFILE), minor));
    apply.chain(versions.map(|minor| (id(&guests::migrate(minor), &MIGRATE), minor))).collect()
});

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
        capabilities: Capabilities::default(),
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

impl ScriptBackend {
    fn script(&self, component: Component<'_>) -> Script {
        let (fails_after, broken) = (Arc::clone(&self.fails_after), Arc::clone(&self.broken));
        Script { version: VERSIONS[&component.id], fails_after, broken }
    }
}

impl Backend for ScriptBackend {
    fn name(&self) -> &'static str {
        "script"
    }

    fn version(&self) -> String {
        let broken = self.broken.lock().unwrap().is_some();
        if broken { "2, broken".into() } else { "1".into() }
    }

    fn state_apply(&self, component: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        Ok(Box::new(self.script(component)))
    }

    fn migrate(&self, component: Component<'_>) -> Result<Box<dyn Migrate>, BackendError> {
        Ok(Box::new(self.script(component)))
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

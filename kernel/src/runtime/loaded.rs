use std::collections::BTreeMap;
use std::sync::Arc;

use myrhiza_kernel_api::{
    Backend, BundleId, Component, ComponentId, Interaction, Migrate, ProfilePolicy, Snapshot,
    StateApply, StatePropose, TopicId,
};

use super::{RuntimeError, blobs};
use crate::apply::{App, Apps, Tokens};
use crate::bundle::{self, Bundle};
use crate::component::{Admitted, admit};
use crate::drift::Engine;
use crate::fault::Fault;
use crate::schema;

/// The installed apps whose components are compiled, each when it is first needed.
pub(crate) struct Loaded {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) profiles: Vec<&'static dyn ProfilePolicy>,
    apps: BTreeMap<BundleId, LoadedApp>,
    /// What was shown last, the very last at the end.
    screens: Vec<Kept>,
}

struct LoadedApp {
    bundle: Bundle,
    /// The instrumented `state-apply`.
    code: ComponentId,
    state_apply: Box<dyn StateApply>,
    migrate: Option<Box<dyn Migrate>>,
    propose: Option<Box<dyn StatePropose>>,
}

/// A screen that is kept, and what it shows.
struct Kept {
    bundle: BundleId,
    topic: TopicId,
    screen: Screen,
}

/// A live `interaction` component, and what it has open.
pub(super) struct Screen {
    pub(super) component: Box<dyn Interaction>,
    /// They go with the instance.
    pub(super) tokens: Tokens,
}

/// Topics of one app whose `interaction` is kept, with what it remembers: an instance can take its
/// whole memory, and to be shown anew costs little.
const SHOWN: usize = 8;
/// The same of all apps: a browser's engine has some fifty memories for what lives on between calls
/// (`docs/adr/web-backend.md`).
const SHOWN_IN_ALL: usize = 32;

/// How the topics of an app are anchored.
pub(super) struct Anchoring {
    /// Events between two anchors, at least one.
    pub(super) interval: u64,
    /// What folds them.
    pub(super) engine: Engine,
}

impl Loaded {
    pub(super) fn new(
        backend: Arc<dyn Backend>,
        profiles: Vec<&'static dyn ProfilePolicy>,
    ) -> Self {
        Self { backend, profiles, apps: BTreeMap::new(), screens: Vec::new() }
    }

    /// Forgets an app.
    pub(super) fn unload(&mut self, bundle: BundleId) {
        self.apps.remove(&bundle);
        self.screens.retain(|kept| kept.bundle != bundle);
    }

    /// Compiles an app's `state-apply`, if the app is installed; `false` if it is not.
    pub(super) fn load(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<bool, RuntimeError> {
        if self.apps.contains_key(&id) {
            return Ok(true);
        }
        if !blobs::holds(reader, schema::BUNDLES, id.as_bytes())? {
            return Ok(false);
        }
        let bundle = installed(reader, id)?;
        let admitted = admitted(&bundle, bundle::FOLDING_PROFILE, &self.profiles)?;
        let state_apply = self.backend.state_apply(component(&admitted)).map_err(Fault::from)?;
        let (code, migrate, propose) = (admitted.id, None, None);
        let app = LoadedApp { bundle, code, state_apply, migrate, propose };
        self.apps.insert(id, app);
        Ok(true)
    }

    /// How the topics of an app are anchored; `None` if it is not loaded.
    pub(super) fn anchoring(&self, id: BundleId) -> Option<Anchoring> {
        let LoadedApp { bundle, code, .. } = self.apps.get(&id)?;
        Some(Anchoring {
            interval: bundle.manifest().drift_interval.max(1).into(),
            engine: Engine::new(*code, self.backend.name(), &self.backend.version()),
        })
    }

    /// The app's `state-propose`, compiled.
    pub(super) fn propose(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<&mut dyn StatePropose, RuntimeError> {
        self.load(reader, id)?;
        let app = self.apps.get_mut(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        let compiled = match app.propose.take() {
            Some(compiled) => compiled,
            None => {
                let admitted = admitted(&app.bundle, "state-propose", &self.profiles)?;
                self.backend.state_propose(component(&admitted)).map_err(Fault::from)?
            }
        };
        Ok(&mut **app.propose.insert(compiled))
    }

    /// The app's `interaction`, compiled, with its bundle. Its memory outlives a call, so each topic has
    /// its own: what an app sees of one must not tell what it saw of another.
    pub(super) fn interaction(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
        topic: TopicId,
    ) -> Result<(&Bundle, &mut Screen), RuntimeError> {
        self.load(reader, id)?;
        let app = self.apps.get(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        let is_it = |kept: &Kept| kept.bundle == id && kept.topic == topic;
        let screen = match self.screens.iter().position(is_it) {
            Some(at) => self.screens.remove(at).screen,
            None => {
                let admitted = admitted(&app.bundle, "interaction", &self.profiles)?;
                let component = self.backend.interaction(component(&admitted));
                let component = component.map_err(Fault::from)?;
                Screen { component, tokens: Tokens::default() }
            }
        };
        if let Some(at) = self.one_too_many(id) {
            self.screens.remove(at);
        }
        let kept = self.screens.push_mut(Kept { bundle: id, topic, screen });
        Ok((&app.bundle, &mut kept.screen))
    }

    /// Which screen has to go for another one of an app: of this app, or else of all, the one that was
    /// shown longest ago.
    fn one_too_many(&self, bundle: BundleId) -> Option<usize> {
        let of_app = |kept: &Kept| kept.bundle == bundle;
        if self.screens.iter().filter(|kept| of_app(kept)).count() >= SHOWN {
            return self.screens.iter().position(of_app);
        }
        (self.screens.len() >= SHOWN_IN_ALL).then_some(0)
    }

    /// The live screens, each with its app.
    pub(super) fn screens(&self) -> impl Iterator<Item = (&Bundle, &Screen)> {
        self.screens.iter().filter_map(move |kept| {
            let app = self.apps.get(&kept.bundle)?;
            Some((&app.bundle, &kept.screen))
        })
    }

    /// Whether the app takes what its user presses, rather than have it proposed as it is.
    pub(super) fn takes_presses(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<bool, RuntimeError> {
        self.load(reader, id)?;
        let app = self.apps.get(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        Ok(app.bundle.exports("interaction", "press"))
    }

    /// That a component of an app has trapped.
    pub(super) fn trapped(&self, id: BundleId, what: &'static str, trap: String) -> RuntimeError {
        let name = self.apps.get(&id).map(|app| app.bundle.manifest().name.clone());
        RuntimeError::Trapped { app: name.unwrap_or_default(), what, trap }
    }

    /// Raw payloads are for apps without `state-propose` only: an app's own words come first.
    pub(super) fn refuse_raw_payloads(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<(), RuntimeError> {
        self.load(reader, id)?;
        let app = self.apps.get(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        if app.bundle.components().contains_key("state-propose") {
            return Err(RuntimeError::HasPropose { app: app.bundle.manifest().name.clone() });
        }
        Ok(())
    }
}

impl Apps for Loaded {
    fn app(&mut self, reader: &dyn Snapshot, bundle: BundleId) -> Result<Option<App<'_>>, Fault> {
        if !self.load(reader, bundle).map_err(fault)? {
            return Ok(None);
        }
        let app = self.apps.get_mut(&bundle);
        Ok(app.map(|LoadedApp { bundle, state_apply, .. }| App {
            state_apply: &mut **state_apply,
            manifest: bundle.manifest(),
        }))
    }

    fn migrate(
        &mut self,
        reader: &dyn Snapshot,
        bundle: BundleId,
    ) -> Result<Option<&mut (dyn Migrate + 'static)>, Fault> {
        self.load(reader, bundle).map_err(fault)?;
        let with_one =
            |app: &&mut LoadedApp| app.bundle.components().contains_key(bundle::MIGRATING_PROFILE);
        let Some(app) = self.apps.get_mut(&bundle).filter(with_one) else { return Ok(None) };
        let compiled = match app.migrate.take() {
            Some(compiled) => compiled,
            None => {
                let admitted = admitted(&app.bundle, bundle::MIGRATING_PROFILE, &self.profiles);
                self.backend.migrate(component(&admitted.map_err(fault)?))?
            }
        };
        Ok(Some(&mut **app.migrate.insert(compiled)))
    }
}

/// What is installed was admitted, so that another error than this home's own is damage.
fn fault(error: RuntimeError) -> Fault {
    match error {
        RuntimeError::Fault(fault) => fault,
        other => Fault::damaged("an installed bundle", other),
    }
}

/// An installed bundle.
pub(super) fn installed(reader: &dyn Snapshot, id: BundleId) -> Result<Bundle, RuntimeError> {
    let bytes = blobs::get(reader, schema::BUNDLES, id.as_bytes())?;
    if bytes.is_empty() {
        return Err(RuntimeError::NotInstalled { bundle: id });
    }
    let what = || format!("installed bundle {id}");
    Ok(bundle::open(&bytes).map_err(|cause| Fault::damaged(what(), cause))?)
}

fn component(admitted: &Admitted) -> Component<'_> {
    Component { id: admitted.id, bytes: &admitted.bytes, fuel: admitted.fuel }
}

/// A component of an installed bundle, admitted again: instrumenting takes less time than any
/// engine takes to compile, and a kernel with another pass must not find the bytes of this one.
fn admitted(
    bundle: &Bundle,
    profile: &'static str,
    profiles: &[&'static dyn ProfilePolicy],
) -> Result<Admitted, RuntimeError> {
    let app = || bundle.manifest().name.clone();
    let bytes = bundle.components().get(profile);
    let policy = profiles.iter().find(|policy| policy.name() == profile);
    let (Some(bytes), Some(policy)) = (bytes, policy) else {
        return Err(RuntimeError::NoComponent { app: app(), profile });
    };
    admit(bytes, *policy).map_err(|findings| {
        RuntimeError::Fault(Fault::damaged(
            format!("component {profile} of app {}", app()),
            findings,
        ))
    })
}

use myrhiza_kernel_api::{
    Backend, BundleId, Component, ComponentId, Interaction, ProfilePolicy, Snapshot, StateApply,
    StatePropose, TopicId,
};

use super::{Runtime, RuntimeError, blobs};
use crate::apply::App;
use crate::bundle::{self, Bundle, InstallPlan, Installed};
use crate::component::{Admitted, admit};
use crate::drift::Engine;
use crate::fault::Fault;
use crate::schema;
use crate::state::Overlay;

/// An app whose components are compiled, each when it is first needed.
pub(super) struct LoadedApp {
    bundle: Bundle,
    /// The instrumented `state-apply`.
    code: ComponentId,
    state_apply: Box<dyn StateApply>,
    propose: Option<Box<dyn StatePropose>>,
    interaction: Option<Box<dyn Interaction>>,
}

impl LoadedApp {
    /// What a topic is folded through.
    pub(super) fn fold(&mut self) -> App<'_> {
        App { state_apply: &mut *self.state_apply, manifest: self.bundle.manifest() }
    }

    /// Events between two anchors.
    pub(super) fn drift_interval(&self) -> u64 {
        self.bundle.manifest().drift_interval.max(1).into()
    }

    /// What its topics are folded by.
    pub(super) fn engine(&self, backend: &dyn Backend) -> Engine {
        Engine::new(self.code, backend.name(), &backend.version())
    }
}

impl Runtime {
    /// The installed apps, ascending by bundle.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn apps(&self) -> Result<Vec<Bundle>, RuntimeError> {
        let reader = self.read()?;
        let ids = blobs::list(&*reader, schema::BUNDLES)?;
        ids.into_iter().map(|id| installed(&*reader, BundleId(id))).collect()
    }

    /// What installing a bundle would mean: who signed it, what it may do, what is new.
    ///
    /// # Errors
    /// [`RuntimeError::Install`] if anything in it is refused, with all that is.
    pub fn plan_install(&self, bundle: &Bundle) -> Result<InstallPlan, RuntimeError> {
        let installed: Vec<_> = self.apps()?.iter().map(Installed::from).collect();
        Ok(InstallPlan::new(bundle, &installed, &self.profiles)?)
    }

    /// Installs what the user confirmed, and folds the topics that waited for it.
    ///
    /// # Errors
    /// As [`Runtime::plan_install`]: nothing is installed that a plan would refuse.
    pub fn install(&mut self, bundle: &Bundle) -> Result<(), RuntimeError> {
        self.plan_install(bundle)?;
        let mut overlay = Overlay::new(self.read()?);
        blobs::put(&mut overlay, schema::BUNDLES, bundle.id().as_bytes(), &bundle.to_bytes());
        self.store.commit(overlay.into_batch())?;
        for topic in self.topics_of(bundle.id())? {
            self.refold(topic)?;
        }
        Ok(())
    }

    /// Removes an app no topic uses.
    ///
    /// # Errors
    /// [`RuntimeError::NotInstalled`], [`RuntimeError::InUse`]
    pub fn uninstall(&mut self, bundle: BundleId) -> Result<(), RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        if !blobs::holds(&overlay, schema::BUNDLES, bundle.as_bytes())? {
            return Err(RuntimeError::NotInstalled { bundle });
        }
        if let Some(topic) = self.topics_of(bundle)?.first().copied() {
            return Err(RuntimeError::InUse { bundle, topic });
        }
        blobs::delete(&mut overlay, schema::BUNDLES, bundle.as_bytes())?;
        self.store.commit(overlay.into_batch())?;
        self.loaded.remove(&bundle);
        Ok(())
    }

    /// The topics whose bundle in force it is.
    fn topics_of(&self, bundle: BundleId) -> Result<Vec<TopicId>, RuntimeError> {
        let reader = self.read()?;
        let mut topics = Vec::new();
        for topic in super::record::topic_ids(&*reader)? {
            if super::open::founding(&*reader, topic)?.genesis().bundle == bundle {
                topics.push(topic);
            }
        }
        Ok(topics)
    }

    /// Compiles an app's `state-apply`, if the app is installed; `false` if it is not.
    pub(super) fn load_app(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<bool, RuntimeError> {
        if self.loaded.contains_key(&id) {
            return Ok(true);
        }
        if !blobs::holds(reader, schema::BUNDLES, id.as_bytes())? {
            return Ok(false);
        }
        let bundle = installed(reader, id)?;
        let admitted = admitted(&bundle, bundle::FOLDING_PROFILE, &self.profiles)?;
        let state_apply = self.backend.state_apply(component(&admitted)).map_err(Fault::from)?;
        let (code, propose, interaction) = (admitted.id, None, None);
        let app = LoadedApp { bundle, code, state_apply, propose, interaction };
        self.loaded.insert(id, app);
        Ok(true)
    }

    /// The app's `state-propose`, compiled.
    pub(super) fn propose_component(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<&mut dyn StatePropose, RuntimeError> {
        self.load_app(reader, id)?;
        let app = self.loaded.get_mut(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        let compiled = match app.propose.take() {
            Some(compiled) => compiled,
            None => {
                let admitted = admitted(&app.bundle, "state-propose", &self.profiles)?;
                self.backend.state_propose(component(&admitted)).map_err(Fault::from)?
            }
        };
        Ok(&mut **app.propose.insert(compiled))
    }

    /// The app's `interaction`, compiled.
    pub(super) fn interaction_component(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<&mut dyn Interaction, RuntimeError> {
        self.load_app(reader, id)?;
        let app = self.loaded.get_mut(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        let compiled = match app.interaction.take() {
            Some(compiled) => compiled,
            None => {
                let admitted = admitted(&app.bundle, "interaction", &self.profiles)?;
                self.backend.interaction(component(&admitted)).map_err(Fault::from)?
            }
        };
        Ok(&mut **app.interaction.insert(compiled))
    }

    /// Raw payloads are for apps without `state-propose` only: an app's own words come first.
    pub(super) fn refuse_raw_payloads(
        &mut self,
        reader: &dyn Snapshot,
        id: BundleId,
    ) -> Result<(), RuntimeError> {
        self.load_app(reader, id)?;
        let app = self.loaded.get(&id).ok_or(RuntimeError::NotInstalled { bundle: id })?;
        if app.bundle.components().contains_key("state-propose") {
            return Err(RuntimeError::HasPropose { app: app.bundle.manifest().name.clone() });
        }
        Ok(())
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

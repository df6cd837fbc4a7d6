//! What an app shows its user, and what comes of what the user does there.

use std::any::Any;

use myrhiza_kernel_api::canvas::Input;
use myrhiza_kernel_api::operation::{Operation, Outcome};
use myrhiza_kernel_api::{BundleId, Interaction, LineageId, PublicKey, Returned, TopicId};

use super::loaded::Screen;
use super::open::Opened;
use super::{Ambient, Runtime, RuntimeError};
use crate::apply::{Caller, Does, Free, InForce, Kv, ScreenHost, Shown};
use crate::bundle::{Bundle, Version};
use crate::clock;
use crate::fault::Fault;
use crate::state::Overlay;

/// What came of something the user pressed or answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressed {
    /// What is to be proposed, if anything.
    pub intent: Option<Vec<String>>,
    /// What the app has asked for since, in order.
    pub asked: Vec<Asked>,
}

/// An operation that waits for its user, with who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Goes with the outcome.
    pub token: u64,
    /// The topic that was shown when it was asked.
    pub topic: TopicId,
    /// The app's bundle.
    pub bundle: BundleId,
    /// What the app is called.
    pub app: String,
    /// Its version.
    pub version: Version,
    /// Who signed it.
    pub author: PublicKey,
    /// What is asked.
    pub operation: Operation,
}

/// The host as it goes in and comes out.
type Host = Box<dyn myrhiza_kernel_api::host::InteractionHost>;

impl Runtime {
    /// Takes what the user pressed or filled in. Where the app does not, the words are what is to be
    /// proposed.
    ///
    /// # Errors
    /// [`RuntimeError::Trapped`], [`RuntimeError::Busy`]
    pub fn press(
        &mut self,
        topic: TopicId,
        viewer: PublicKey,
        ambient: &mut Ambient<'_>,
        words: &[String],
    ) -> Result<Pressed, RuntimeError> {
        let (opened, bundle) = self.shown(topic)?;
        if !self.loaded.takes_presses(&opened.overlay, bundle)? {
            return Ok(Pressed { intent: Some(words.to_vec()), asked: Vec::new() });
        }
        let why = Why::Prompted;
        let does = self.call(&opened, bundle, viewer, ambient, why, |screen, host| {
            screen.press(host, words)
        })?;
        Ok(does.pressed)
    }

    /// Takes the outcome of an operation, which is over with that.
    ///
    /// # Errors
    /// [`RuntimeError::NotAsked`] where nothing waits for it, also since the topic's app is another by
    /// now; [`RuntimeError::NoAnswer`] where it is none: what waits goes on waiting.
    pub fn complete(
        &mut self,
        token: u64,
        outcome: &Outcome,
        viewer: PublicKey,
        ambient: &mut Ambient<'_>,
    ) -> Result<(TopicId, Pressed), RuntimeError> {
        let asked = self.loaded.screens().find_map(|(app, screen)| {
            let open = screen.tokens.get(token)?;
            Some((app.id(), open.topic, open.operation.takes(outcome)))
        });
        let (bundle, topic, takes) = asked.ok_or(RuntimeError::NotAsked)?;
        if !takes {
            return Err(RuntimeError::NoAnswer);
        }
        let (opened, in_force) = self.shown(topic)?;
        let (_, screen) = self.loaded.interaction(&opened.overlay, bundle, topic)?;
        screen.tokens.spend(token);
        if in_force != bundle {
            return Err(RuntimeError::NotAsked);
        }
        let why = if outcome.is_yes() { Why::Prompted } else { Why::Unprompted(Vec::new()) };
        let does = self.call(&opened, bundle, viewer, ambient, why, |screen, host| {
            screen.complete(host, token, outcome)
        })?;
        Ok((topic, does.pressed))
    }

    /// What waits for the user in a topic, oldest first.
    pub fn asked(&self, topic: TopicId) -> Vec<Asked> {
        self.loaded
            .screens()
            .flat_map(|(app, screen)| asked(app, screen, 0))
            .filter(|asked| asked.topic == topic)
            .collect()
    }

    /// Forgets what an app keeps in this home.
    pub(super) fn clear_kept(&mut self, app: LineageId) -> Result<(), RuntimeError> {
        loop {
            let mut overlay = Overlay::new(self.read()?);
            let is_all = Kv::new(app).clear(&mut overlay)?;
            self.store.commit(overlay.into_batch())?;
            if is_all {
                return Ok(());
            }
        }
    }

    /// A topic, and the bundle that shows it.
    pub(super) fn shown(&mut self, topic: TopicId) -> Result<(Opened, BundleId), RuntimeError> {
        let opened = self.open(topic)?;
        let InForce { bundle, .. } = InForce::of(&opened.overlay, &opened.topic)?;
        Ok((opened, bundle))
    }

    /// Calls an app's `interaction`, and keeps what it keeps.
    pub(super) fn call(
        &mut self,
        opened: &Opened,
        bundle: BundleId,
        viewer: PublicKey,
        ambient: &mut Ambient<'_>,
        why: Why,
        call: impl FnOnce(&mut dyn Interaction, Host) -> Returned<Host, ()>,
    ) -> Result<Called, RuntimeError> {
        let Opened { overlay, record, topic } = opened;
        let now = clock::tick(record.hlc, ambient.now_ms);
        let free = Free { now, random: ambient.fork(), viewer };
        let reader = self.read()?;
        let (app, screen) = self.loaded.interaction(overlay, bundle, topic.topic())?;
        // They are lost with the host, as is the instance, unless it comes back.
        let tokens = std::mem::take(&mut screen.tokens);
        let before = tokens.all().len();
        let (kv, declared) = (Kv::new(app.lineage()), app.manifest().capabilities.clone());
        let (is_prompted, input) = match why {
            Why::Prompted => (true, Vec::new()),
            Why::Unprompted(input) => (false, input),
        };
        let caller = Caller { kv, declared, tokens, is_prompted };
        let host = ScreenHost::new(reader, topic.topic(), topic.founder(), free, caller);
        let host = host.hearing(input);
        let Returned { host, outcome } = call(&mut *screen.component, Box::new(host));
        if let Err(trap) = outcome.map_err(Fault::from)?.result {
            let (app, trap) = (app.manifest().name.clone(), trap.to_string());
            return Err(RuntimeError::Trapped { app, what: "interaction", trap });
        }
        let host = (host as Box<dyn Any>).downcast::<ScreenHost>().ok();
        let Some(host) = host else { return Ok(Called::default()) };
        let Does { shown, intent, tokens, kept } = host.into_does();
        screen.tokens = tokens;
        let pressed = Pressed { intent, asked: asked(app, screen, before).collect() };
        let batch = kept.into_batch();
        if !batch.is_empty() {
            self.store.commit(batch)?;
        }
        Ok(Called { shown, pressed })
    }
}

/// Why a component is called.
pub(super) enum Why {
    /// It follows something the user did: it may submit and propose.
    Prompted,
    /// It is to show, or to hear a no; and this was done on its surface since the last time.
    Unprompted(Vec<Input>),
}

/// What a call came to.
#[derive(Default)]
pub(super) struct Called {
    pub(super) shown: Shown,
    pressed: Pressed,
}

/// What an app has open, but for the first so many.
fn asked<'s>(
    app: &'s Bundle,
    screen: &'s Screen,
    after: usize,
) -> impl Iterator<Item = Asked> + 's {
    screen.tokens.all().iter().skip(after).map(|(token, open)| Asked {
        token: *token,
        topic: open.topic,
        bundle: app.id(),
        app: app.manifest().name.clone(),
        version: app.manifest().version,
        author: app.author(),
        operation: open.operation.clone(),
    })
}

use myrhiza_kernel_api::canvas::{Input, Surface};
use myrhiza_kernel_api::ui::{Content, Node, View};
use myrhiza_kernel_api::{PublicKey, Returned, TopicId};

use super::open::Opened;
use super::{Ambient, Runtime, RuntimeError};
use crate::apply::{Free, InForce, Shown, ViewHost};
use crate::clock;
use crate::fault::Fault;

/// What an app shows, and what it made of what was done on its surface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The view. The place of the surface, if there is one, comes first.
    pub view: View,
    /// The surface.
    pub surface: Option<Surface>,
    /// What is to be proposed for the person who pressed, in this order.
    pub intents: Vec<Vec<String>>,
}

impl Runtime {
    /// What the app shows this person now.
    ///
    /// # Errors
    /// [`RuntimeError::NoComponent`], [`RuntimeError::Trapped`]
    pub fn view(
        &mut self,
        topic: TopicId,
        viewer: PublicKey,
        ambient: &mut Ambient<'_>,
    ) -> Result<View, RuntimeError> {
        Ok(self.render(topic, viewer, Vec::new(), ambient)?.view)
    }

    /// The same with what this person did on the app's surface since the last time.
    ///
    /// # Errors
    /// [`RuntimeError::NoComponent`], [`RuntimeError::Trapped`]
    pub fn render(
        &mut self,
        topic: TopicId,
        viewer: PublicKey,
        input: Vec<Input>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Rendered, RuntimeError> {
        let Opened { overlay, record, topic } = self.open(topic)?;
        let InForce { bundle, .. } = InForce::of(&overlay, &topic)?;
        let now = clock::tick(record.hlc, ambient.now_ms);
        let free = Free { now, random: ambient.fork(), viewer };
        let host = ViewHost::new(self.read()?, topic.topic(), topic.founder(), free);
        let interaction = self.loaded.interaction(&overlay, bundle, topic.topic())?;
        let Returned { host, outcome } = interaction.render(Box::new(host.hearing(input)));
        if let Err(trap) = outcome.map_err(Fault::from)?.result {
            return Err(RuntimeError::Trapped { what: "interaction", trap: trap.to_string() });
        }
        let host = (host as Box<dyn std::any::Any>).downcast::<ViewHost>();
        Ok(rendered(host.ok().map(|host| host.into_shown()).unwrap_or_default()))
    }
}

/// A surface is one of the view's elements to whoever shows it.
fn rendered(Shown { view, surface, intents }: Shown) -> Rendered {
    let mut view = view.unwrap_or_default();
    if let Some(surface) = &surface {
        let content = Content::Surface(surface.subject.clone());
        view.nodes.insert(0, Node { depth: 0, content });
    }
    Rendered { view, surface, intents }
}

use myrhiza_kernel_api::canvas::{Input, Surface};
use myrhiza_kernel_api::ui::{Content, Node, View};
use myrhiza_kernel_api::{PublicKey, TopicId};

use super::screen::Why;
use super::{Ambient, Runtime, RuntimeError};
use crate::apply::Shown;

/// What an app shows, and what it made of what was done on its surface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The view. The place of the surface, if there is one, comes first.
    pub view: View,
    /// The surface.
    pub surface: Option<Surface>,
    /// What was pressed there, in the app's words and in this order: each is for [`Runtime::press`].
    pub intents: Vec<Vec<String>>,
}

impl Runtime {
    /// What the app shows this person now.
    ///
    /// # Errors
    /// [`RuntimeError::NoComponent`], [`RuntimeError::Trapped`], [`RuntimeError::Busy`]
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
    /// [`RuntimeError::NoComponent`], [`RuntimeError::Trapped`], [`RuntimeError::Busy`]
    pub fn render(
        &mut self,
        topic: TopicId,
        viewer: PublicKey,
        input: Vec<Input>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Rendered, RuntimeError> {
        let (opened, bundle) = self.shown(topic)?;
        let why = Why::Unprompted(input);
        let called =
            self.call(&opened, bundle, viewer, ambient, why, |screen, host| screen.render(host))?;
        Ok(rendered(called.shown))
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

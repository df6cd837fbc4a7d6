//! What an author of Myrhiza apps and modules depends on.
//!
//! An app is a library of rules, plain functions that are tested natively, and one small crate a
//! component that names a function:
//!
//! | component | its function | its crate |
//! |---|---|---|
//! | `state-apply` | `apply(&mut impl ApplyContext, Event) -> Result<(), Reject>` | [`state_apply!`] |
//! | `state-propose` | `propose(&impl ProposeContext, Intent) -> Result<Event, Refusal>` | [`state_propose!`] |
//! | `migrate`, of a later version | `migrate(&mut impl MigrateContext, Version, Option<C>) -> Option<C>` | [`migrate!`] |
//! | `interaction` | `view(&impl ViewContext, &mut View)`; `draw(&impl ViewContext, &mut M, &mut Canvas)` for a surface; and with [`device`] `press` and `complete` | [`interaction!`] |
//!
//! `docs/guide/write-an-app.md` walks through it.
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod canvas;
pub mod codec;
pub mod context;
pub mod device;
pub mod event;
pub mod id;
pub mod intent;
pub mod key;
pub mod migrate;
pub mod state;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod view;

mod fault;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;

pub use canvas::Canvas;
pub use codec::Codec;
pub use device::{Answer, Kept, Token};
pub use event::{Event, Reject};
pub use id::{EventId, Hash, Person, Scope, TopicId};
pub use intent::{Intent, Refusal};
pub use migrate::Version;
pub use myrhiza_sdk_macros::{
    Codec, Event, Intent, interaction, migrate, state_apply, state_propose,
};
pub use state::{Cell, List, Map, Set};
pub use view::View;

/// What rules are written with.
pub mod prelude {
    pub use crate::canvas::{Canvas, Input, Paint, Path, Phase, Point, Tint};
    pub use crate::codec::Codec;
    pub use crate::context::{
        ApplyContext, Context, Free, ProposeContext, ReadState, ViewContext, WriteState,
    };
    pub use crate::device::{ActContext, Answer, Keep, Kept, NotAsked, NotKept, Token};
    pub use crate::event::{Event, Reject, require};
    pub use crate::id::{EventId, Person};
    pub use crate::intent::{Intent, Refusal};
    pub use crate::migrate::{MigrateContext, Version};
    pub use crate::state::{Cell, List, Map, Set};
    pub use crate::view::{Tone, View};
    pub use myrhiza_sdk_macros::{Codec, Event, Intent};
}

/// The rules of the guide compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/write-an-app.md")]
struct Guide;

//! What of a view can be acted on.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use myrhiza_api::view::Shape;

/// What names a node among its siblings, also after others came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(u64);

impl Key {
    pub(super) const TOP: Self = Self(0);
    pub(super) const MORE: Self = Self(1);

    /// Of a node below another, the so many-th of its name.
    pub(super) fn below(parent: Self, name: u64, nth: usize) -> Self {
        Self(digest(|hasher| (parent.0, name, nth).hash(hasher)))
    }
}

fn digest(what: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    what(&mut hasher);
    hasher.finish()
}

/// What does not change about a node while it stays the same one.
pub(super) fn name_of(shape: &Shape) -> u64 {
    digest(|hasher| match shape {
        Shape::Panel { title } => ("panel", title).hash(hasher),
        Shape::Menu { title } => ("menu", title).hash(hasher),
        Shape::Dialog { title } => ("dialog", title).hash(hasher),
        Shape::Form { intent, .. } => ("form", intent).hash(hasher),
        Shape::Button { intent, .. } => ("button", intent).hash(hasher),
        Shape::Input { label, .. } => ("input", label).hash(hasher),
        Shape::List { .. } => "list".hash(hasher),
        Shape::Table { .. } => "table".hash(hasher),
        Shape::Message { .. } => "message".hash(hasher),
        Shape::Text { .. } => "text".hash(hasher),
        Shape::Surface { name, .. } => ("surface", name).hash(hasher),
        Shape::Other => "other".hash(hasher),
    })
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Control {
    pub(super) key: Key,
    /// Its row on the page.
    pub(super) row: usize,
    /// What it says, fit for a terminal.
    pub(super) label: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `None`: it cannot be pressed.
    Button(Option<Vec<String>>),
    /// The same, followed by the values of these inputs, by their numbers among the controls.
    Form(Option<Vec<String>>, Vec<usize>),
    /// A text, and what it holds at first.
    Text(String),
    /// One of these, and the number of that at first.
    Choice(Vec<String>, usize),
    /// Shows more of what is there.
    More,
}

impl Control {
    /// Whether it can be moved to.
    pub(super) fn is_enabled(&self) -> bool {
        !matches!(self.kind, Kind::Button(None) | Kind::Form(None, _))
    }
}

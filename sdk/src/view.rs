//! What the user sees, built from the top down.
//!
//! ```
//! use myrhiza_sdk::prelude::*;
//!
//! fn view(_: &impl ViewContext, view: &mut View) {
//!     view.panel("Greetings", |panel| {
//!         panel.text("Whom shall we greet?");
//!         panel.form("Greet", ["greet"], |form| form.input("Name", ""));
//!     });
//! }
//! ```

/// A view: nodes in preorder, a node's children one deeper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    nodes: Vec<Node>,
    depth: u32,
}

/// One element.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Node {
    pub depth: u32,
    pub content: Content,
}

/// What an element shows, as `ui` in `wit/kernel.wit` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the view's methods say it")]
pub enum Content {
    Panel(String),
    List { numbered: bool },
    Message(Tone, String),
    Form(Action),
    Menu(String),
    Button(Action),
    Input { label: String, value: String, choices: Vec<String> },
    Dialog(String),
    Text(Tone, String),
    Table { columns: Vec<String>, rows: Vec<Vec<String>> },
}

/// How a text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tone {
    Plain,
    Strong,
    Muted,
    Good,
    Warning,
    Bad,
}

/// Something the user can do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Action {
    pub label: String,
    pub intent: Vec<String>,
    pub enabled: bool,
}

/// The words a button or form proposes: an `Intent`, or the words themselves.
pub struct Offer(pub Vec<String>);

impl<const N: usize> From<[&str; N]> for Offer {
    fn from(words: [&str; N]) -> Self {
        Self(words.into_iter().map(String::from).collect())
    }
}

impl From<&[String]> for Offer {
    fn from(words: &[String]) -> Self {
        Self(words.to_vec())
    }
}

impl From<Vec<String>> for Offer {
    fn from(words: Vec<String>) -> Self {
        Self(words)
    }
}

impl View {
    /// The elements, in preorder.
    pub fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// A titled group.
    pub fn panel(&mut self, title: impl Into<String>, inside: impl FnOnce(&mut View)) {
        self.group(Content::Panel(title.into()), inside);
    }

    /// A list of the elements inside.
    pub fn list(&mut self, inside: impl FnOnce(&mut View)) {
        self.group(Content::List { numbered: false }, inside);
    }

    /// A list that numbers the elements inside.
    pub fn numbered(&mut self, inside: impl FnOnce(&mut View)) {
        self.group(Content::List { numbered: true }, inside);
    }

    /// A titled group that wants an answer first.
    pub fn dialog(&mut self, title: impl Into<String>, inside: impl FnOnce(&mut View)) {
        self.group(Content::Dialog(title.into()), inside);
    }

    /// A named choice of the buttons inside.
    pub fn menu(&mut self, label: impl Into<String>, inside: impl FnOnce(&mut View)) {
        self.group(Content::Menu(label.into()), inside);
    }

    /// Inputs and a button; their values, in order, follow the words of `offer`.
    pub fn form(
        &mut self,
        label: impl Into<String>,
        offer: impl Into<Offer>,
        inside: impl FnOnce(&mut View),
    ) {
        self.group(Content::Form(action(label, offer, true)), inside);
    }

    /// A free text of a form, and what it holds at first.
    pub fn input(&mut self, label: impl Into<String>, value: impl Into<String>) {
        self.choose(label, value, Vec::new());
    }

    /// A choice of a form, and what is chosen at first.
    pub fn choose(
        &mut self,
        label: impl Into<String>,
        value: impl Into<String>,
        choices: Vec<String>,
    ) {
        self.leaf(Content::Input { label: label.into(), value: value.into(), choices });
    }

    /// A button.
    pub fn button(&mut self, label: impl Into<String>, offer: impl Into<Offer>) {
        self.leaf(Content::Button(action(label, offer, true)));
    }

    /// A button that can be pressed only if `enabled`.
    pub fn button_if(&mut self, enabled: bool, label: impl Into<String>, offer: impl Into<Offer>) {
        self.leaf(Content::Button(action(label, offer, enabled)));
    }

    /// A run of text.
    pub fn text(&mut self, text: impl Into<String>) {
        self.toned(Tone::Plain, text);
    }

    /// A run of text of some tone.
    pub fn toned(&mut self, tone: Tone, text: impl Into<String>) {
        self.leaf(Content::Text(tone, text.into()));
    }

    /// A line that wants attention.
    pub fn message(&mut self, tone: Tone, text: impl Into<String>) {
        self.leaf(Content::Message(tone, text.into()));
    }

    /// Rows under named columns.
    pub fn table<const N: usize>(
        &mut self,
        columns: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        self.leaf(Content::Table {
            columns: columns.into_iter().map(String::from).collect(),
            rows: rows.into_iter().map(Vec::from).collect(),
        });
    }

    fn leaf(&mut self, content: Content) {
        self.nodes.push(Node { depth: self.depth, content });
    }

    fn group(&mut self, content: Content, inside: impl FnOnce(&mut View)) {
        self.leaf(content);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }
}

fn action(label: impl Into<String>, offer: impl Into<Offer>, enabled: bool) -> Action {
    Action { label: label.into(), intent: offer.into().0, enabled }
}

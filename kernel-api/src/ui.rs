//! The view model an `interaction` component shows: a tree in preorder.

use crate::canvas::Subject;

/// A view: nodes in preorder, each with its depth. A node's children are the nodes after it that
/// are one deeper, up to the next that is not deeper than itself. The first has depth 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// What each node adds to a view's size, besides its strings.
pub const NODE_BYTES: u64 = 16;
/// What each string and each row of a table adds to a view's size, besides the text's bytes.
pub const STRING_BYTES: u64 = 8;

impl View {
    /// The bytes it is priced at: [`NODE_BYTES`], [`STRING_BYTES`] and the bytes of every text.
    /// One view is at most [`crate::limits::HOST_WRITE_BYTES`] of them.
    pub fn size(&self) -> u64 {
        self.nodes.iter().map(|node| NODE_BYTES + node.content.size()).sum()
    }
}

impl Content {
    fn size(&self) -> u64 {
        match self {
            Content::Panel(text) | Content::Menu(text) | Content::Dialog(text) => string(text),
            Content::List(_) => 0,
            Content::Message(text) | Content::Text(text) => string(&text.text),
            Content::Form(action) | Content::Button(action) => {
                string(&action.label) + strings(&action.intent)
            }
            Content::Input(input) => {
                string(&input.label) + string(&input.value) + strings(&input.choices)
            }
            Content::Table(table) => {
                let rows = table.rows.iter().map(|row| STRING_BYTES + strings(row));
                strings(&table.columns) + rows.sum::<u64>()
            }
            Content::Surface(subject) => string(&subject.name) + string(&subject.text),
        }
    }
}

fn string(text: &str) -> u64 {
    STRING_BYTES + text.len() as u64
}

fn strings(texts: &[String]) -> u64 {
    texts.iter().map(|text| string(text)).sum()
}

/// One element of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Depth in the tree; at most one more than the node before.
    pub depth: u32,
    /// What it shows.
    pub content: Content,
}

/// What an element shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// A titled group.
    Panel(String),
    /// A list; its children are the items. `true`: numbered.
    List(bool),
    /// A line that wants attention.
    Message(Text),
    /// Inputs and a submit button: the action's intent, followed by each input's value in order.
    Form(Action),
    /// A named choice of buttons, its children.
    Menu(String),
    /// A button.
    Button(Action),
    /// An input of a form.
    Input(Input),
    /// A titled group that wants an answer first.
    Dialog(String),
    /// A run of text.
    Text(Text),
    /// A table.
    Table(Table),
    /// Where the app's surface is. The kernel puts it there: a component shows one through `canvas`.
    Surface(Subject),
}

/// Text and how it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// How it is meant.
    pub tone: Tone,
    /// The words.
    pub text: String,
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
pub struct Action {
    /// What the button says.
    pub label: String,
    /// What is proposed when it is pressed.
    pub intent: Vec<String>,
    /// False: shown, but cannot be pressed.
    pub enabled: bool,
}

/// Something the user can fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What it asks for.
    pub label: String,
    /// What it holds at first.
    pub value: String,
    /// The choices, or empty for free text.
    pub choices: Vec<String>,
}

/// Rows under named columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The column names.
    pub columns: Vec<String>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

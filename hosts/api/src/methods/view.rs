//! An app's view: nodes in preorder, each with its depth, its kind and what that kind has.

use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_kernel_api::TopicId;
use myrhiza_kernel_api::canvas::{Size, Subject};
use myrhiza_kernel_api::ui::{self, Action, Content, View};
use serde::{Deserialize, Serialize};

use crate::error::told;
use crate::words::hex;
use crate::{Answer, Desk, Error};

/// Nodes and rows of a table that are sent where nobody says how many.
pub const LIMIT: usize = 500;
/// Most that are sent.
pub const MOST: usize = 20_000;

/// A view, or that it is as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// The topic's id.
    pub topic: String,
    /// Equal as long as the view is.
    pub version: String,
    /// Null where it is the version that was known.
    pub nodes: Option<Vec<Node>>,
    /// Nodes that are left out at the end.
    pub more: usize,
}

impl Viewed {
    /// As much of a view as is wanted, unless it is the version that is known.
    pub fn new(topic: TopicId, view: View, known: Option<&str>, limit: usize) -> Self {
        let (nodes, more) = nodes(view, limit.min(MOST));
        let version = version(&(&nodes, more));
        let nodes = (known != Some(&*version)).then_some(nodes);
        Self { topic: topic.to_string(), version, nodes, more }
    }
}

/// A node of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its depth in the tree.
    pub depth: u32,
    /// What it shows.
    #[serde(flatten)]
    pub shape: Shape,
}

/// What a node shows: [`Content`], as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are the view model's own")]
pub enum Shape {
    Panel {
        title: String,
    },
    List {
        numbered: bool,
    },
    Message {
        tone: Tone,
        text: String,
    },
    Form {
        label: String,
        intent: Vec<String>,
        enabled: bool,
    },
    Menu {
        title: String,
    },
    Button {
        label: String,
        intent: Vec<String>,
        enabled: bool,
    },
    Input {
        label: String,
        value: String,
        choices: Vec<String>,
    },
    Dialog {
        title: String,
    },
    Text {
        tone: Tone,
        text: String,
    },
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
        /// Rows that are left out at the end.
        #[serde(default, skip_serializing_if = "is_none")]
        more: usize,
    },
    /// Where the surface is: what is drawn there is asked for by `surface`.
    Surface {
        name: String,
        text: String,
        width: u32,
        height: u32,
    },
    /// Of a later version of this program.
    #[serde(other)]
    Other,
}

/// How a text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tone {
    Plain,
    Strong,
    Muted,
    Good,
    Warning,
    Bad,
}

impl From<ui::Tone> for Tone {
    fn from(tone: ui::Tone) -> Self {
        match tone {
            ui::Tone::Plain => Self::Plain,
            ui::Tone::Strong => Self::Strong,
            ui::Tone::Muted => Self::Muted,
            ui::Tone::Good => Self::Good,
            ui::Tone::Warning => Self::Warning,
            ui::Tone::Bad => Self::Bad,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(number: &usize) -> bool {
    *number == 0
}

/// The nodes of a view, and how many are left out; of a table no more than so many rows are given
/// either.
pub fn nodes(view: View, limit: usize) -> (Vec<Node>, usize) {
    let more = view.nodes.len().saturating_sub(limit);
    let node = |node: ui::Node| Node { depth: node.depth, shape: shape(node.content, limit) };
    (view.nodes.into_iter().take(limit).map(node).collect(), more)
}

fn shape(content: Content, limit: usize) -> Shape {
    match content {
        Content::Panel(title) => Shape::Panel { title },
        Content::List(numbered) => Shape::List { numbered },
        Content::Message(ui::Text { tone, text }) => Shape::Message { tone: tone.into(), text },
        Content::Form(Action { label, intent, enabled }) => Shape::Form { label, intent, enabled },
        Content::Menu(title) => Shape::Menu { title },
        Content::Button(Action { label, intent, enabled }) => {
            Shape::Button { label, intent, enabled }
        }
        Content::Input(ui::Input { label, value, choices }) => {
            Shape::Input { label, value, choices }
        }
        Content::Dialog(title) => Shape::Dialog { title },
        Content::Text(ui::Text { tone, text }) => Shape::Text { tone: tone.into(), text },
        Content::Table(ui::Table { columns, mut rows }) => {
            let more = rows.len().saturating_sub(limit);
            rows.truncate(limit);
            Shape::Table { columns, rows, more }
        }
        Content::Surface(Subject { name, text, size: Size { width, height } }) => {
            Shape::Surface { name, text, width, height }
        }
        _ => Shape::Other,
    }
}

pub(crate) fn answer(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    known: Option<&str>,
    limit: Option<usize>,
) -> Result<Answer, Error> {
    let viewer = desk.person();
    let view = desk.seat.runtime.view(topic, viewer, desk.ambient);
    let view = view.map_err(failed)?;
    Ok(Answer::View(Viewed::new(topic, view, known, limit.unwrap_or(LIMIT))))
}

/// Why an app shows nothing.
pub(super) fn failed(error: RuntimeError) -> Error {
    told(match error {
        RuntimeError::Trapped { .. } => "the app could not show the topic",
        _ => "there is no view to show",
    })(error)
}

/// A digest of what is sent.
pub(super) fn version(sent: &impl Serialize) -> String {
    let bytes = serde_json::to_vec(sent).unwrap_or_default();
    hex(&blake3::hash(&bytes).as_bytes()[..16])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn view() -> View {
        let rows = (0..3).map(|n| vec![n.to_string()]).collect();
        let table = ui::Table { columns: vec!["n".into()], rows };
        let action = Action { label: "+1".into(), intent: vec!["increment".into()], enabled: true };
        let content = [Content::Panel("P".into()), Content::Button(action), Content::Table(table)];
        let node = |(depth, content)| ui::Node { depth: u32::from(depth > 0), content };
        View { nodes: content.into_iter().enumerate().map(node).collect() }
    }

    #[test]
    fn nodes_are_what_commands_have_always_printed() {
        let (shown, more) = nodes(view(), usize::MAX);
        let expected = json!([
            {"depth": 0, "kind": "panel", "title": "P"},
            {"depth": 1, "kind": "button", "label": "+1", "intent": ["increment"], "enabled": true},
            {"depth": 1, "kind": "table", "columns": ["n"], "rows": [["0"], ["1"], ["2"]]},
        ]);
        let value = serde_json::to_value(&shown).unwrap();
        assert_eq!((&value, more), (&expected, 0));
        assert_eq!(serde_json::from_value::<Vec<Node>>(value).unwrap(), shown);
    }

    #[test]
    fn what_a_later_version_shows_is_read_as_something_else() {
        let later = json!({"depth": 3, "kind": "hologram", "title": "P"});
        let node: Node = serde_json::from_value(later).unwrap();
        assert_eq!(node, Node { depth: 3, shape: Shape::Other });
    }

    #[test]
    fn of_much_the_start_is_sent_and_how_much_is_left_out() {
        let mut long = view();
        long.nodes.swap(0, 2);
        let (shown, more) = nodes(long, 1);
        let expected = json!([
            {"depth": 1, "kind": "table", "columns": ["n"], "rows": [["0"]], "more": 2},
        ]);
        assert_eq!((serde_json::to_value(shown).unwrap(), more), (expected, 2));
    }

    #[test]
    fn a_version_changes_with_what_is_shown_alone() {
        let of = |view: View, limit| {
            let (nodes, more) = nodes(view, limit);
            version(&(&nodes, more))
        };
        assert_eq!(of(view(), 9), of(view(), 9));
        assert_ne!(of(view(), 9), of(view(), 1));
    }
}

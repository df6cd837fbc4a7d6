//! `interaction`.

use super::propose::Tip;
use super::{fixed, kernel, kernel::ui};
use crate::context::ViewContext;
use crate::id::Person;
use crate::view::{Action, Content, Node, Tone, View};

impl ViewContext for Tip {
    fn viewer(&self) -> Person {
        Person(fixed(kernel::ui::viewer()))
    }
}

/// Builds the view and shows it.
pub fn render(rules: impl FnOnce(&Tip, &mut View)) {
    let mut view = View::default();
    rules(&Tip(()), &mut view);
    let nodes: Vec<_> = view.into_nodes().into_iter().map(node).collect();
    ui::show(&nodes);
}

fn node(node: Node) -> ui::Node {
    let content = match node.content {
        Content::Panel(title) => ui::Content::Panel(title),
        Content::List { numbered } => ui::Content::List(numbered),
        Content::Message(tone, text) => ui::Content::Message(styled(tone, text)),
        Content::Form(does) => ui::Content::Form(action(does)),
        Content::Menu(label) => ui::Content::Menu(label),
        Content::Button(does) => ui::Content::Button(action(does)),
        Content::Input { label, value, choices } => {
            ui::Content::Input(ui::Input { label, value, choices })
        }
        Content::Dialog(title) => ui::Content::Dialog(title),
        Content::Text(tone, text) => ui::Content::Text(styled(tone, text)),
        Content::Table { columns, rows } => ui::Content::Table(ui::Table { columns, rows }),
    };
    ui::Node { depth: node.depth, content }
}

fn action(does: Action) -> ui::Action {
    ui::Action { label: does.label, intent: does.intent, enabled: does.enabled }
}

fn styled(tone: Tone, text: String) -> ui::Styled {
    let tone = match tone {
        Tone::Plain => ui::Tone::Plain,
        Tone::Strong => ui::Tone::Strong,
        Tone::Muted => ui::Tone::Muted,
        Tone::Good => ui::Tone::Good,
        Tone::Warning => ui::Tone::Warning,
        Tone::Bad => ui::Tone::Bad,
    };
    ui::Styled { tone, text }
}

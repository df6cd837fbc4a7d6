use myrhiza_kernel_api::ui::{Content, Text, Tone, View};
use serde_json::{Value, json};

/// A view's nodes in preorder, each with its depth, its kind and what that kind has.
pub(crate) fn json(view: &View) -> Value {
    let nodes = view.nodes.iter().map(|node| {
        let mut object = content(&node.content);
        if let Value::Object(fields) = &mut object {
            fields.insert("depth".into(), node.depth.into());
        }
        object
    });
    Value::Array(nodes.collect())
}

fn content(content: &Content) -> Value {
    match content {
        Content::Panel(title) => json!({ "kind": "panel", "title": title }),
        Content::List(numbered) => json!({ "kind": "list", "numbered": numbered }),
        Content::Message(text) => worded("message", text),
        Content::Form(action) => json!({
            "kind": "form", "label": action.label, "intent": action.intent, "enabled": action.enabled
        }),
        Content::Menu(title) => json!({ "kind": "menu", "title": title }),
        Content::Button(action) => json!({
            "kind": "button", "label": action.label, "intent": action.intent, "enabled": action.enabled
        }),
        Content::Input(input) => json!({
            "kind": "input", "label": input.label, "value": input.value, "choices": input.choices
        }),
        Content::Dialog(title) => json!({ "kind": "dialog", "title": title }),
        Content::Text(text) => worded("text", text),
        Content::Table(table) => {
            json!({ "kind": "table", "columns": table.columns, "rows": table.rows })
        }
        _ => json!({ "kind": "other" }),
    }
}

fn worded(kind: &str, Text { tone, text }: &Text) -> Value {
    let tone = match tone {
        Tone::Plain => "plain",
        Tone::Strong => "strong",
        Tone::Muted => "muted",
        Tone::Good => "good",
        Tone::Warning => "warning",
        Tone::Bad => "bad",
    };
    json!({ "kind": kind, "tone": tone, "text": text })
}

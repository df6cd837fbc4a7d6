//! How a transcript writes what passed between a component and its host.

use myrhiza_kernel_api::ui::{Action, Content, View};

/// Bytes that print are shown as text, others in hex; long ones by length and checksum.
pub(crate) fn show_bytes(bytes: &[u8]) -> String {
    match bytes {
        [] => "\"\"".into(),
        [first, rest @ ..] if bytes.len() > 8 && rest.iter().all(|byte| byte == first) => {
            format!("{first:02x}*{}", bytes.len())
        }
        _ if bytes.len() > 48 => format!("{} bytes, sum {:016x}", bytes.len(), sum(bytes)),
        _ if bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') => {
            format!("{:?}", String::from_utf8_lossy(bytes))
        }
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Text in quotes; long texts by length and checksum.
pub(crate) fn show_text(text: &str) -> String {
    if text.len() > 48 { show_bytes(text.as_bytes()) } else { format!("{text:?}") }
}

/// One line a node, indented by its depth.
pub(crate) fn show_view(view: &View) -> impl Iterator<Item = String> + '_ {
    view.nodes.iter().map(|node| {
        let indent = "  ".repeat(node.depth.min(8) as usize);
        format!("    {indent}{}", show_content(&node.content))
    })
}

fn show_content(content: &Content) -> String {
    match content {
        Content::Panel(title) => format!("panel {}", show_text(title)),
        Content::List(numbered) => format!("list, numbered {numbered}"),
        Content::Message(text) => format!("message {:?} {}", text.tone, show_text(&text.text)),
        Content::Form(action) => format!("form {}", show_action(action)),
        Content::Menu(title) => format!("menu {}", show_text(title)),
        Content::Button(action) => format!("button {}", show_action(action)),
        Content::Input(input) => {
            let (label, value) = (show_text(&input.label), show_text(&input.value));
            format!("input {label} {value} {:?}", input.choices)
        }
        Content::Dialog(title) => format!("dialog {}", show_text(title)),
        Content::Text(text) => format!("text {:?} {}", text.tone, show_text(&text.text)),
        Content::Table(table) => format!("table {:?} {:?}", table.columns, table.rows),
        other => format!("{other:?}"),
    }
}

fn show_action(action: &Action) -> String {
    format!("{} {:?} enabled {}", show_text(&action.label), action.intent, action.enabled)
}

/// FNV-1a.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

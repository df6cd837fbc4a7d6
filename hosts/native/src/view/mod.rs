//! An app's view on a terminal: text, with the command one would type beside each button.

mod style;
mod table;

use std::io::{self, Write};
use std::iter;

use myrhiza_kernel_api::canvas::Subject;
use myrhiza_kernel_api::ui::{Action, Content, Input, Text, View};

pub(crate) use style::Colours;

use crate::text;

/// Writes a view. `topic` is what one types to mean the topic.
pub(crate) fn write(
    out: &mut dyn Write,
    view: &View,
    topic: &str,
    colours: Colours,
) -> io::Result<()> {
    // By depth: the number of the next item, where the parent is a numbered list; 0 in a plain one.
    let mut lists: Vec<Option<usize>> = Vec::new();
    for (at, node) in view.nodes.iter().enumerate() {
        let depth = node.depth as usize;
        let marker = match depth.checked_sub(1).and_then(|parent| lists.get_mut(parent)) {
            Some(Some(0)) => "- ".to_owned(),
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => String::new(),
        };
        lists.truncate(depth);
        lists.resize(depth, None);
        lists.push(match node.content {
            Content::List(numbered) => Some(usize::from(numbered)),
            _ => None,
        });
        let inputs = inputs_of(view, at);
        let indent = "  ".repeat(depth);
        let mut first = format!("{indent}{marker}");
        for line in lines(&node.content, &inputs, topic, colours) {
            writeln!(out, "{first}{line}")?;
            first = format!("{indent}{}", " ".repeat(marker.len()));
        }
    }
    Ok(())
}

/// The inputs below a node: what a form's command is completed with.
fn inputs_of(view: &View, at: usize) -> Vec<&Input> {
    let mut nodes = view.nodes.iter().skip(at);
    let Some(node) = nodes.next() else { return Vec::new() };
    nodes
        .take_while(|below| below.depth > node.depth)
        .filter_map(|below| match &below.content {
            Content::Input(input) => Some(input),
            _ => None,
        })
        .collect()
}

fn lines(content: &Content, inputs: &[&Input], topic: &str, colours: Colours) -> Vec<String> {
    match content {
        Content::Panel(title) | Content::Menu(title) | Content::Dialog(title) => {
            vec![colours.title(&text::line(title))]
        }
        Content::List(_) => Vec::new(),
        Content::Message(Text { tone, text }) | Content::Text(Text { tone, text }) => {
            text::lines(text).map(|line| colours.tone(*tone, &line)).collect()
        }
        Content::Button(action) => vec![button(action, &[], topic, colours)],
        Content::Form(action) => vec![button(action, inputs, topic, colours)],
        Content::Input(input) => vec![field(input)],
        Content::Table(table) => table::lines(table, colours),
        // What is on it, in words: a terminal has no pixels.
        Content::Surface(Subject { name, text, .. }) => {
            let title = colours.title(&text::line(name));
            iter::once(title).chain(text::lines(text).map(|line| colours.muted(&line))).collect()
        }
        // A later kind of node: what it holds is still shown, below.
        _ => Vec::new(),
    }
}

fn button(action: &Action, inputs: &[&Input], topic: &str, colours: Colours) -> String {
    let label = text::line(&action.label);
    if !action.enabled {
        return colours.muted(&format!("( {label} )"));
    }
    let words = action.intent.iter().map(|word| quoted(word));
    let blanks = inputs.iter().map(|input| quoted(&input.label.to_uppercase().replace(' ', "-")));
    let command: Vec<_> = words.chain(blanks).collect();
    let command = format!("myrhiza do {} {}", quoted(topic), command.join(" "));
    format!("[ {label} ]  {}", colours.muted(&command))
}

fn field(input: &Input) -> String {
    let choices: Vec<_> = input.choices.iter().map(|choice| text::line(choice)).collect();
    let among =
        if choices.is_empty() { String::new() } else { format!("  ({})", choices.join(", ")) };
    format!("{}: {}{among}", text::line(&input.label), text::line(&input.value))
}

/// A word as one would type it in a shell. One that holds what cannot be typed plainly is written
/// as `$'…'`.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+:@%".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else if word.chars().any(text::is_unfit) {
        let escaped: String = word
            .chars()
            .map(|c| match c {
                '\'' | '\\' => format!("\\{c}"),
                c if text::is_unfit(c) => format!("\\U{:08x}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        format!("$'{escaped}'")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::ui::{Node, Table, Tone};

    use super::*;

    fn shown(nodes: Vec<(u32, Content)>) -> String {
        let nodes = nodes.into_iter().map(|(depth, content)| Node { depth, content }).collect();
        let mut out = Vec::new();
        write(&mut out, &View { nodes }, "lobby", Colours::None).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn action(label: &str, intent: &[&str], enabled: bool) -> Action {
        let intent = intent.iter().map(|word| (*word).into()).collect();
        Action { label: label.into(), intent, enabled }
    }

    fn plain(text: &str) -> Content {
        Content::Text(Text { tone: Tone::Plain, text: text.into() })
    }

    #[test]
    fn a_view_reads_as_text_with_the_commands_of_its_buttons() {
        let choices = vec!["tea".into(), "coffee".into()];
        let input = Input { label: "New option".into(), value: "tea".into(), choices };
        let table = Table {
            columns: vec!["who".into(), "n".into()],
            rows: vec![vec!["世界".into(), "1".into()], vec!["bob".into(), "10".into()]],
        };
        let text = shown(vec![
            (0, Content::Panel("Counter".into())),
            (1, plain("5")),
            (1, Content::Button(action("+1", &["increment", "1"], true))),
            (1, Content::Button(action("reset", &["reset"], false))),
            (1, Content::List(true)),
            (2, plain("first")),
            (2, Content::Panel("second".into())),
            (3, plain("deeper\nstill")),
            (2, plain("third")),
            (1, Content::List(false)),
            (2, plain("dash")),
            (1, Content::Form(action("add", &["add", "it's"], true))),
            (2, Content::Input(input)),
            (1, Content::Table(table)),
        ]);
        let expected = [
            "Counter",
            "  5",
            "  [ +1 ]  myrhiza do lobby increment 1",
            "  ( reset )",
            "    1. first",
            "    2. second",
            "      deeper",
            "      still",
            "    3. third",
            "    - dash",
            r"  [ add ]  myrhiza do lobby add 'it'\''s' NEW-OPTION",
            "    New option: tea  (tea, coffee)",
            "  who   n",
            "  世界  1",
            "  bob   10",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_surface_is_told_in_words() {
        let subject = |name: &str, text: &str| {
            let (name, text) = (name.into(), text.into());
            Content::Surface(Subject { name, text, ..Subject::default() })
        };
        let shown =
            shown(vec![(0, subject("Sketch", "2 strokes\nby \u{1b}ada")), (0, plain("below"))]);
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(
            lines,
            ["Sketch", "2 strokes", &format!("by {}", text::line("\u{1b}ada")), "below"]
        );
    }

    #[test]
    fn an_app_cannot_steer_the_terminal_nor_smuggle_a_command() {
        let text = shown(vec![
            (0, Content::Panel("a\u{1b}[2J".into())),
            (1, plain("b\u{9b}31m\rc")),
            (
                1,
                Content::Button(action(
                    "\u{202e}ok",
                    &["x; rm -rf ~", "$(id)", "\n", "--home"],
                    true,
                )),
            ),
        ]);
        assert!(!text.chars().any(|c| c != '\n' && text::is_unfit(c)), "{text:?}");
        assert!(text.contains(r"myrhiza do lobby 'x; rm -rf ~' '$(id)' $'\U0000000a' '--home'"));
    }
}

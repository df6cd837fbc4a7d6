//! A view as rows of a terminal, so many columns wide, with what can be acted on in them.

use std::collections::HashMap;

use myrhiza_api::view::{MOST, Node, Shape, Tone};
use unicode_width::UnicodeWidthStr as _;

use super::control::{Control, Key, Kind, name_of};
use super::table::{self, Line};
use super::words::{fitted, wrapped};
use crate::failure::Failure;
use crate::text;

/// Narrower than any text is laid out for.
const NARROWEST: usize = 10;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    /// In the order in which they are moved through.
    pub(super) controls: Vec<Control>,
    /// The rows that dialogs begin at.
    pub(super) dialogs: Vec<(Key, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The frames and lists it is in.
    pub(super) margin: String,
    pub(super) pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(Tone, String),
    /// By its number.
    Control(usize),
}

impl Page {
    /// A view's nodes, of which so many are left out at the end.
    pub(super) fn of(nodes: &[Node], left_out: usize, columns: usize) -> Self {
        let columns = columns.max(NARROWEST);
        let mut layout = Layout { columns, ..Layout::default() };
        for node in nodes {
            layout.add(node);
        }
        layout.close(0);
        // Buttons that are in nothing have nothing whose end would end their row.
        layout.end_line();
        layout.tell_rest(left_out, nodes.len());
        layout.page
    }

    /// Why there is no view.
    pub(super) fn failing(failure: &Failure, columns: usize) -> Self {
        let mut page = Self::default();
        page.tell(Tone::Bad, &failure.what, columns);
        page.tell(Tone::Plain, &format!("cause: {}", failure.cause), columns);
        page.tell(Tone::Plain, &format!("next: {}", failure.next), columns);
        page
    }

    /// Words of the shell's own, at the end.
    pub(super) fn tell(&mut self, tone: Tone, words: &str, columns: usize) {
        for line in text::lines(words).flat_map(|line| wrapped(&line, columns)) {
            let pieces = vec![Piece::Words(tone, line)];
            self.rows.push(Row { margin: String::new(), pieces });
        }
    }
}

#[derive(Default)]
struct Layout {
    columns: usize,
    page: Page,
    /// The node at hand and those it is in, outermost first.
    open: Vec<Open>,
    /// Buttons of a row that is not full, the row's margin and width.
    line: Vec<Piece>,
    line_margin: String,
    line_width: usize,
    /// The margin of the next row, where a list's mark is due: and the depth of the item.
    mark: Option<(u32, String)>,
    names: HashMap<(Key, u64), usize>,
}

/// A node whose children may come.
struct Open {
    depth: u32,
    key: Key,
    /// Of what is in it.
    margin: String,
    holder: Holder,
}

enum Holder {
    /// The margin of what it is in, and its last row.
    Frame(String, String),
    /// The number of the next item, where they have numbers.
    List(Option<usize>),
    Menu,
    /// The number of its button, once all that is in it has come; its inputs.
    Form {
        control: Control,
        fields: Vec<usize>,
    },
    Plain,
}

impl Layout {
    fn add(&mut self, node: &Node) {
        self.close(node.depth);
        let parent = self.open.last().map_or(Key::TOP, |open| open.key);
        let name = name_of(&node.shape);
        let nth = self.names.entry((parent, name)).or_default();
        let key = Key::below(parent, name, *nth);
        *nth += 1;
        let margin = self.margin_of(node.depth);
        let open = |margin: &str, holder| Open {
            depth: node.depth,
            key,
            margin: margin.to_owned(),
            holder,
        };
        let open = match &node.shape {
            Shape::Panel { title } => {
                let inner = self.frame(&margin, title, ["╭", "─", "│", "╰"]);
                open(&inner.0, inner.1)
            }
            Shape::Dialog { title } => {
                self.end_line();
                self.page.dialogs.push((key, self.page.rows.len()));
                let inner = self.frame(&margin, title, ["╔", "═", "║", "╚"]);
                open(&inner.0, inner.1)
            }
            Shape::Menu { title } => {
                self.end_line();
                let title = text::line(title);
                if !title.is_empty() {
                    let words = format!("{}:", fitted(&title, self.room(&margin) / 2));
                    self.put(&margin, words.width(), Piece::Words(Tone::Strong, words));
                }
                open(&margin, Holder::Menu)
            }
            Shape::List { numbered } => open(&margin, Holder::List(numbered.then_some(1))),
            Shape::Message { tone, text } | Shape::Text { tone, text } => {
                self.words(&margin, *tone, text);
                open(&margin, Holder::Plain)
            }
            Shape::Button { label, intent, enabled } => {
                let intent = enabled.then(|| intent.clone());
                self.button(&margin, Self::control(key, label, Kind::Button(intent)));
                open(&margin, Holder::Plain)
            }
            Shape::Form { label, intent, enabled } => {
                self.end_line();
                let kind = Kind::Form(enabled.then(|| intent.clone()), Vec::new());
                let control = Self::control(key, label, kind);
                open(&margin, Holder::Form { control, fields: Vec::new() })
            }
            Shape::Input { label, value, choices } => {
                self.end_line();
                let kind = match choices.iter().position(|choice| choice == value) {
                    _ if choices.is_empty() => Kind::Text(value.clone()),
                    at => Kind::Choice(choices.clone(), at.unwrap_or(0)),
                };
                let number = self.take(Self::control(key, label, kind));
                self.row(&margin, vec![Piece::Control(number)]);
                self.belongs_to_form(number);
                open(&margin, Holder::Plain)
            }
            Shape::Table { columns, rows, more } => {
                self.table(&margin, columns, rows, *more);
                open(&margin, Holder::Plain)
            }
            // What is on it, in words: a terminal has no pixels.
            Shape::Surface { name, text, .. } => {
                self.words(&margin, Tone::Strong, name);
                self.words(&margin, Tone::Muted, text);
                open(&margin, Holder::Plain)
            }
            Shape::Other => open(&margin, Holder::Plain),
        };
        self.open.push(open);
    }

    /// Ends what a node of that depth is not in.
    fn close(&mut self, depth: u32) {
        while self.open.last().is_some_and(|open| open.depth >= depth) {
            let Some(Open { margin, holder, depth: of, .. }) = self.open.pop() else { return };
            match holder {
                Holder::Frame(outer, last) => {
                    self.end_line();
                    self.row(&outer, vec![Piece::Words(Tone::Muted, last)]);
                }
                Holder::Form { mut control, fields } => {
                    self.end_line();
                    if let Kind::Form(_, all) = &mut control.kind {
                        *all = fields;
                    }
                    self.button(&margin, control);
                    self.end_line();
                }
                Holder::Menu | Holder::List(_) => self.end_line(),
                Holder::Plain => {}
            }
            // An item that has come to its end has had its mark, or shows nothing.
            if self.mark.as_ref().is_some_and(|(item, _)| *item >= of) {
                self.end_line();
                self.mark = None;
            }
        }
    }

    /// The margin of a node of that depth. An item's first row has the list's mark.
    fn margin_of(&mut self, depth: u32) -> String {
        let Some(open) = self.open.last_mut() else { return String::new() };
        let margin = open.margin.clone();
        let mark = match &mut open.holder {
            Holder::List(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            Holder::List(None) => "• ".to_owned(),
            _ => return margin,
        };
        self.end_line();
        if self.is_deep(&margin) {
            return margin;
        }
        // A list that is an item by itself: both marks are due in one row.
        let before = self.mark.take().filter(|(of, _)| *of < depth);
        let before = before.map_or_else(|| margin.clone(), |(_, before)| before);
        self.mark = Some((depth, before + &mark));
        margin + &" ".repeat(mark.width())
    }

    /// Whether there is no more room for margins.
    fn is_deep(&self, margin: &str) -> bool {
        margin.width() + 4 > self.columns / 2
    }

    fn room(&self, margin: &str) -> usize {
        self.columns.saturating_sub(margin.width()).max(2)
    }

    /// The first row of a frame; the margin in it, and how it ends.
    fn frame(&mut self, margin: &str, title: &str, parts: [&str; 4]) -> (String, Holder) {
        self.end_line();
        let [start, line, side, end] = parts;
        let room = self.room(margin).saturating_sub(1);
        let title = fitted(&text::line(title), room.saturating_sub(4));
        let words = if title.is_empty() { String::new() } else { format!(" {title} ") };
        let rest = room.saturating_sub(words.width() + 1);
        let pieces = vec![
            Piece::Words(Tone::Muted, format!("{start}{line}")),
            Piece::Words(Tone::Strong, words),
            Piece::Words(Tone::Muted, line.repeat(rest)),
        ];
        self.row(margin, pieces);
        let inner = match self.is_deep(margin) {
            true => margin.to_owned(),
            false => format!("{margin}{side} "),
        };
        (inner, Holder::Frame(margin.to_owned(), format!("{end}{}", line.repeat(room))))
    }

    fn words(&mut self, margin: &str, tone: Tone, words: &str) {
        self.end_line();
        let room = self.room(margin);
        for line in text::lines(words).flat_map(|line| wrapped(&line, room)) {
            self.row(margin, vec![Piece::Words(tone, line)]);
        }
    }

    fn table(&mut self, margin: &str, columns: &[String], rows: &[Vec<String>], more: usize) {
        self.end_line();
        for line in table::lines(columns, rows, self.room(margin)) {
            let (tone, words) = match line {
                Line::Names(words) => (Tone::Strong, words),
                Line::Cells(words) => (Tone::Plain, words),
            };
            self.row(margin, vec![Piece::Words(tone, words)]);
        }
        if more > 0 {
            self.more(margin, &text::count(more as u64, "more row"), rows.len());
        }
    }

    /// What is left out at the end, and how to see it.
    fn tell_rest(&mut self, left_out: usize, shown: usize) {
        if left_out > 0 {
            self.more("", &text::count(left_out as u64, "more element"), shown);
        }
    }

    fn more(&mut self, margin: &str, words: &str, shown: usize) {
        if shown >= MOST {
            self.words(margin, Tone::Muted, &format!("… {words}, which no screen shows"));
            return;
        }
        let label = format!("show {words}");
        let nth = self.names.entry((Key::MORE, 0)).or_default();
        let key = Key::below(Key::MORE, 0, *nth);
        *nth += 1;
        self.button(margin, Self::control(key, &label, Kind::More));
        self.end_line();
    }

    /// A button, beside others while there is room.
    fn button(&mut self, margin: &str, mut control: Control) {
        control.label = fitted(&control.label, self.room(margin).saturating_sub(4));
        let width = control.label.width() + 4;
        let number = self.take(control);
        self.put(margin, width, Piece::Control(number));
    }

    fn put(&mut self, margin: &str, width: usize, piece: Piece) {
        let is_full = self.line_width + 1 + width > self.room(margin);
        if !self.line.is_empty() && (is_full || self.line_margin != margin) {
            self.end_line();
        }
        if !self.line.is_empty() {
            self.line.push(Piece::Words(Tone::Plain, " ".into()));
            self.line_width += 1;
        }
        if let Piece::Control(number) = piece
            && let Some(control) = self.page.controls.get_mut(number)
        {
            control.row = self.page.rows.len();
        }
        self.line.push(piece);
        self.line_width += width;
        margin.clone_into(&mut self.line_margin);
    }

    /// Ends a row of buttons, if there is one.
    fn end_line(&mut self) {
        if !self.line.is_empty() {
            let (pieces, margin) =
                (std::mem::take(&mut self.line), std::mem::take(&mut self.line_margin));
            self.line_width = 0;
            self.push(margin, pieces);
        }
    }

    fn row(&mut self, margin: &str, pieces: Vec<Piece>) {
        self.end_line();
        self.push(margin.to_owned(), pieces);
    }

    fn push(&mut self, margin: String, pieces: Vec<Piece>) {
        let margin = self.mark.take().map_or(margin, |(_, marked)| marked);
        self.page.rows.push(Row { margin, pieces });
    }

    fn control(key: Key, label: &str, kind: Kind) -> Control {
        Control { key, row: 0, label: text::line(label).into_owned(), kind }
    }

    /// Its number. Its row is the next.
    fn take(&mut self, mut control: Control) -> usize {
        control.row = self.page.rows.len();
        self.page.controls.push(control);
        self.page.controls.len() - 1
    }

    /// An input is of the innermost form it is in.
    fn belongs_to_form(&mut self, number: usize) {
        let form = self.open.iter_mut().rev().find_map(|open| match &mut open.holder {
            Holder::Form { fields, .. } => Some(fields),
            _ => None,
        });
        if let Some(fields) = form {
            fields.push(number);
        }
    }
}

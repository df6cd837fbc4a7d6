//! The screen, as the state is: a title, what is shown, what is said, and which keys do what.

use myrhiza_api::view::Tone;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::control::{Control, Kind};
use super::page::Piece;
use super::sheet::Sheet;
use super::source::{Topic, Topics};
use super::state::State;
use super::style::Looks;
use super::words::{fitted, padded};
use crate::text;

const KEYS_OF_LIST: &str = "↑↓ choose · Enter open · r read again · q quit";
const KEYS_OF_VIEW: &str =
    "Tab ↑↓ move · Enter press · ←→ turn · PgUp PgDn scroll · Esc back · q quit";
const KEYS_OF_SECRET: &str = "Enter give it · Esc do nothing";

/// Draws it all.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, looks: Looks) {
    let (columns, rows) = state.size();
    let mut pen = Pen { buffer: frame.buffer_mut(), columns, rows, looks, cursor: None };
    pen.title(state);
    match &state.sheet {
        Some(sheet) => pen.sheet(state, sheet),
        None => pen.list(state),
    }
    pen.below(state);
    if let Some(cursor) = pen.cursor {
        frame.set_cursor_position(cursor);
    }
}

struct Pen<'b> {
    buffer: &'b mut Buffer,
    columns: u16,
    rows: u16,
    looks: Looks,
    cursor: Option<Position>,
}

impl Pen<'_> {
    /// Writes words, up to a column; the column after them.
    fn put(&mut self, x: u16, y: u16, words: &str, style: Style) -> u16 {
        let area = *self.buffer.area();
        if x >= self.columns.min(area.width) || y >= self.rows.min(area.height) {
            return x;
        }
        let room = usize::from(self.columns.min(area.width) - x);
        self.buffer.set_stringn(x, y, words, room, style).0
    }

    fn title(&mut self, state: &State) {
        let looks = self.looks;
        let shown = state.sheet.as_ref().and_then(|sheet| state.list.of(sheet.topic));
        let title = match (&state.sheet, shown) {
            (Some(_), Some(topic)) => topic_title(topic),
            (Some(sheet), None) => sheet.topic.to_string(),
            (None, _) => "Topics".into(),
        };
        let doing = match (state.is_acting(), state.is_reading()) {
            (true, _) => "trying …",
            (false, true) => "reading …",
            (false, false) => match state.list.found() {
                Ok(Topics { by_node: true, .. }) => "node is up",
                _ => "no node is up",
            },
        };
        let width = u16::try_from(doing.width()).unwrap_or(0);
        let right = self.columns.saturating_sub(width + 1);
        let title = fitted(&title, usize::from(right.saturating_sub(2)));
        self.put(1, 0, &title, looks.tone(Tone::Strong));
        self.put(right, 0, doing, looks.tone(Tone::Muted));
        let line = "─".repeat(usize::from(self.columns));
        self.put(0, 1, &line, looks.tone(Tone::Muted));
    }

    fn list(&mut self, state: &State) {
        let looks = self.looks;
        let found = match state.list.found() {
            Ok(found) => found,
            Err(failure) => {
                let room = usize::from(self.columns).saturating_sub(2);
                let page = super::page::Page::failing(failure, room);
                return self.page_rows(state, &page.rows, None, 0);
            }
        };
        if found.all.is_empty() {
            self.put(1, 2, "There is no topic in this home yet.", Style::new());
            let next =
                "`myrhiza topic create APP` makes one, `myrhiza topic join TICKET` enters one";
            self.put(1, 3, next, looks.tone(Tone::Muted));
            return;
        }
        let columns = topic_columns(&found.all, usize::from(self.columns).saturating_sub(3));
        let names = ["TOPIC", "APP", "EVENTS", ""].map(str::to_owned);
        self.put(3, 2, &topic_row(&names, columns), looks.tone(Tone::Strong));
        let (top, at) = state.list.place();
        let rows = state.body_rows().saturating_sub(1);
        for (y, (number, topic)) in (3..).zip(found.all.iter().enumerate().skip(top).take(rows)) {
            let is_chosen = number == at;
            let mark = if is_chosen { "▸" } else { " " };
            self.put(1, y, mark, Style::new());
            let style = if is_chosen { looks.focus() } else { Style::new() };
            self.put(3, y, &topic_row(&topic_cells(topic), columns), style);
        }
    }

    fn sheet(&mut self, state: &State, sheet: &Sheet) {
        if sheet.is_new() {
            self.put(1, 2, "reading …", self.looks.tone(Tone::Muted));
            return;
        }
        self.page_rows(state, &sheet.page().rows, Some(sheet), sheet.top());
    }

    fn page_rows(
        &mut self,
        state: &State,
        rows: &[super::page::Row],
        sheet: Option<&Sheet>,
        top: usize,
    ) {
        let height = state.body_rows();
        for (y, row) in (2..).zip(rows.iter().skip(top).take(height)) {
            let mut x = self.put(1, y, &row.margin, self.looks.tone(Tone::Muted));
            for piece in &row.pieces {
                x = match piece {
                    Piece::Words(tone, words) => self.put(x, y, words, self.looks.tone(*tone)),
                    Piece::Control(number) => {
                        let of = sheet
                            .and_then(|sheet| Some((sheet, sheet.page().controls.get(*number)?)));
                        of.map_or(x, |(sheet, control)| self.control(x, y, sheet, control))
                    }
                };
            }
        }
        let (first, last) = (top + 1, (top + height).min(rows.len()));
        if rows.len() > height && height > 0 {
            let place = format!(" {first}–{last} of {} ", rows.len());
            let x = self.columns.saturating_sub(u16::try_from(place.width()).unwrap_or(0) + 1);
            self.put(x, 1, &place, self.looks.tone(Tone::Muted));
        }
    }

    fn control(&mut self, x: u16, y: u16, sheet: &Sheet, control: &Control) -> u16 {
        let has_focus = sheet.has_focus(control);
        let style = if has_focus { self.looks.focus() } else { Style::new() };
        match &control.kind {
            Kind::Button(None) | Kind::Form(None, _) => {
                self.put(x, y, &format!("( {} )", control.label), self.looks.tone(Tone::Muted))
            }
            Kind::Button(_) | Kind::Form(..) | Kind::More => {
                let [before, after] = if has_focus { ["▸", "◂"] } else { [" ", " "] };
                self.put(x, y, &format!("[{before}{}{after}]", control.label), style)
            }
            Kind::Text(_) | Kind::Choice(..) => self.input(x, y, sheet, control, has_focus),
        }
    }

    fn input(&mut self, x: u16, y: u16, sheet: &Sheet, control: &Control, has_focus: bool) -> u16 {
        let room = usize::from(self.columns.saturating_sub(x + 1));
        let mark = if has_focus { "▸" } else { " " };
        let label = fitted(&control.label, room / 2);
        let x = self.put(x, y, &format!("{mark}{label}: "), Style::new());
        let room = usize::from(self.columns.saturating_sub(x + 1));
        let style = if has_focus { self.looks.focus() } else { self.looks.input() };
        if let Kind::Choice(choices, _) = &control.kind {
            let at = sheet.choice_of(control).unwrap_or(0);
            let choice = choices.get(at).map(|choice| text::line(choice)).unwrap_or_default();
            let count = format!("  {} of {}", at + 1, choices.len());
            let choice = fitted(&choice, room.saturating_sub(count.len() + 4));
            let x = self.put(x, y, &format!("‹ {choice} ›"), style);
            return self.put(x, y, &count, self.looks.tone(Tone::Muted));
        }
        let (window, column) = sheet.text_of(control).unwrap_or_default().window(room);
        let end = self.put(x, y, &padded(&window, room.min(FIELD_COLUMNS)), style);
        if has_focus {
            let column = u16::try_from(column).unwrap_or(0);
            self.cursor = Some(Position::new(x.saturating_add(column), y));
        }
        end
    }

    fn below(&mut self, state: &State) {
        let looks = self.looks;
        let Some(last) = self.rows.checked_sub(1) else { return };
        let mut y = u16::try_from(2 + state.body_rows()).unwrap_or(last).min(last);
        let keys = match (state.secret_letters(), &state.sheet) {
            (Some(letters), _) => {
                self.put(
                    1,
                    y,
                    "The keys are sealed: signing this takes the passphrase.",
                    Style::new(),
                );
                let x = self.put(1, y + 1, "passphrase: ", Style::new());
                let room = usize::from(self.columns.saturating_sub(x + 2));
                let x = self.put(x, y + 1, &"•".repeat(letters.min(room)), Style::new());
                self.cursor = Some(Position::new(x, y + 1));
                KEYS_OF_SECRET
            }
            (None, sheet) => {
                let (lines, good) = state.message();
                let tone = if good { Tone::Good } else { Tone::Warning };
                for line in lines {
                    self.put(1, y, &line, looks.tone(tone));
                    y += 1;
                }
                if sheet.is_some() { KEYS_OF_VIEW } else { KEYS_OF_LIST }
            }
        };
        // The keys stay in sight on a screen that has no room for all.
        self.put(0, last, &" ".repeat(usize::from(self.columns)), Style::new());
        let room = usize::from(self.columns).saturating_sub(2);
        self.put(1, last, &fitted(keys, room), looks.tone(Tone::Muted));
    }
}

/// An input is drawn at least so wide, where there is room.
const FIELD_COLUMNS: usize = 30;

fn topic_title(topic: &Topic) -> String {
    let name = text::line(&topic.name);
    let app = topic.app.as_deref().map_or("app not installed".into(), text::line);
    let state = standing(topic);
    let state = if state.is_empty() { state } else { format!(" · {state}") };
    format!("{name} · {app} · {}{state}", text::count(topic.events, "event"))
}

/// What there is to say of how a topic stands, if anything.
fn standing(topic: &Topic) -> String {
    let mut words = Vec::new();
    if topic.app.is_none() {
        words.push("waits for its app");
    } else if topic.waits.is_some() {
        words.push("waits for an upgrade");
    }
    if topic.revoked {
        words.push("its app was revoked");
    }
    if topic.member == Some(false) {
        words.push("you are no member");
    }
    if topic.denied == Some(true) {
        words.push("no peer shares it");
    }
    words.join(", ")
}

fn topic_cells(topic: &Topic) -> [String; 4] {
    let app = topic.app.as_deref().map(text::line).unwrap_or_default();
    [text::line(&topic.name).into(), app.into(), topic.events.to_string(), standing(topic)]
}

/// The widths of name and app.
fn topic_columns(topics: &[Topic], room: usize) -> [usize; 2] {
    let widest = |of: fn(&Topic) -> &str, least: usize| {
        let widths = topics.iter().map(|topic| text::line(of(topic)).width());
        widths.max().unwrap_or(0).clamp(least, (room / 3).max(least))
    };
    [widest(|topic| &topic.name, 5), widest(|topic| topic.app.as_deref().unwrap_or_default(), 3)]
}

fn topic_row([name, app, events, standing]: &[String; 4], [names, apps]: [usize; 2]) -> String {
    let (name, app) = (padded(&fitted(name, names), names), padded(&fitted(app, apps), apps));
    format!("{name}  {app}  {events:>6}  {standing}").trim_end().to_owned()
}

//! A topic's view on the screen: what is filled in, where one is, and what keys do there.

use std::collections::HashMap;

use myrhiza_api::view::{LIMIT, MOST, Node, Viewed};
use myrhiza_kernel_api::TopicId;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::control::{Control, Key, Kind};
use super::field::Field;
use super::page::Page;
use crate::failure::{Failure, Outcome};

/// What is shown of a topic.
enum Content {
    Nothing,
    Failing(Failure),
    View { version: String, nodes: Vec<Node>, left_out: usize },
}

/// What a key comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Nothing,
    /// This is to be done.
    Act(Vec<String>),
    /// It is to be read again.
    Read,
    /// Something cannot be done.
    Say(&'static str),
    Back,
    Quit,
}

/// What a person has put into an input.
enum Edit {
    Text(Field),
    Choice(String),
}

pub(super) struct Sheet {
    pub(super) topic: TopicId,
    content: Content,
    page: Page,
    /// So many nodes are asked for.
    limit: usize,
    edits: HashMap<Key, Edit>,
    /// The control that keys are for.
    focus: Option<Key>,
    /// The number of the control that had them last.
    near: usize,
    /// The form that was sent, by its inputs.
    sent: Vec<Key>,
    /// The first row in sight; how many there are, and how wide.
    top: usize,
    height: usize,
    columns: usize,
}

impl Sheet {
    pub(super) fn new(topic: TopicId) -> Self {
        Self {
            topic,
            content: Content::Nothing,
            page: Page::default(),
            limit: LIMIT,
            edits: HashMap::new(),
            focus: None,
            near: 0,
            sent: Vec::new(),
            top: 0,
            height: 0,
            columns: 0,
        }
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    pub(super) fn top(&self) -> usize {
        self.top
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// The version that is shown.
    pub(super) fn version(&self) -> Option<String> {
        match &self.content {
            Content::View { version, .. } => Some(version.clone()),
            _ => None,
        }
    }

    /// Whether nothing has come yet.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.content, Content::Nothing)
    }

    /// Whether keys are for this control.
    pub(super) fn has_focus(&self, control: &Control) -> bool {
        self.focus == Some(control.key)
    }

    /// What was read.
    pub(super) fn set(&mut self, read: Outcome<Viewed>) {
        match read {
            Err(failure) => self.content = Content::Failing(failure),
            Ok(Viewed { nodes: None, .. }) => return,
            Ok(Viewed { nodes: Some(nodes), version, more, .. }) => {
                self.content = Content::View { version, nodes, left_out: more };
            }
        }
        let dialogs = std::mem::take(&mut self.page.dialogs);
        self.lay_out();
        // What wants an answer first is brought into sight, but no key is for it yet: one that was
        // meant for something else must not answer.
        let is_new = |(key, _): &&(Key, usize)| dialogs.iter().all(|(old, _)| old != key);
        if let Some((_, row)) = self.page.dialogs.iter().find(is_new).copied() {
            self.focus = None;
            let controls = &self.page.controls;
            self.near = controls.iter().position(|control| control.row >= row).unwrap_or(0);
            self.top = row;
        }
        self.keep_in_bounds();
    }

    /// Fits it into so many rows and columns.
    pub(super) fn fit(&mut self, height: usize, columns: usize) {
        if self.columns != columns {
            self.columns = columns;
            self.lay_out();
        }
        self.height = height;
        self.keep_in_bounds();
    }

    fn lay_out(&mut self) {
        self.page = match &self.content {
            Content::Nothing => Page::default(),
            Content::Failing(failure) => Page::failing(failure, self.columns),
            Content::View { nodes, left_out, .. } => Page::of(nodes, *left_out, self.columns),
        };
        // A control that went takes its keys with it: the next one is not to get them unasked.
        match self.focused() {
            Some(number) => self.near = number,
            None => self.focus = None,
        }
    }

    fn keep_in_bounds(&mut self) {
        self.top = self.top.min(self.page.rows.len().saturating_sub(self.height));
    }

    /// The number of the control that keys are for.
    fn focused(&self) -> Option<usize> {
        let focus = self.focus?;
        self.page.controls.iter().position(|control| control.key == focus)
    }

    /// What an input holds.
    pub(super) fn text_of(&self, control: &Control) -> Option<Field> {
        match (&control.kind, self.edits.get(&control.key)) {
            (Kind::Text(_), Some(Edit::Text(field))) => Some(field.clone()),
            (Kind::Text(value), _) => Some(Field::new(value)),
            _ => None,
        }
    }

    /// Which of its choices an input holds, by number.
    pub(super) fn choice_of(&self, control: &Control) -> Option<usize> {
        let Kind::Choice(choices, first) = &control.kind else { return None };
        let chosen = match self.edits.get(&control.key) {
            Some(Edit::Choice(chosen)) => choices.iter().position(|choice| choice == chosen),
            _ => None,
        };
        Some(chosen.unwrap_or(*first))
    }

    fn value_of(&self, control: &Control) -> String {
        match &control.kind {
            Kind::Choice(choices, _) => {
                self.choice_of(control).and_then(|at| choices.get(at)).cloned().unwrap_or_default()
            }
            _ => self.text_of(control).map_or_else(String::new, |field| field.text().to_owned()),
        }
    }

    /// What was sent was taken: its inputs are as they were at first.
    pub(super) fn was_taken(&mut self) {
        for key in self.sent.drain(..) {
            self.edits.remove(&key);
        }
    }

    /// Text that is pasted.
    pub(super) fn paste(&mut self, text: &str) {
        self.edit(|field| field.insert(text));
    }

    /// What a key is for here.
    pub(super) fn key(&mut self, key: KeyEvent, busy: bool) -> Meant {
        let focused = self.focused().and_then(|at| self.page.controls.get(at).cloned());
        let kind = focused.as_ref().map(|control| &control.kind);
        match kind {
            Some(Kind::Text(_)) if self.typed(key) => return Meant::Nothing,
            Some(Kind::Choice(..)) if self.turned(key) => return Meant::Nothing,
            _ => {}
        }
        match key.code {
            KeyCode::Tab => self.step(true, false),
            KeyCode::BackTab => self.step(false, false),
            KeyCode::Right => self.step(true, false),
            KeyCode::Left => self.step(false, false),
            KeyCode::Down => self.step(true, true),
            KeyCode::Up => self.step(false, true),
            KeyCode::PageDown => self.scroll(self.height.saturating_sub(1), true),
            KeyCode::PageUp => self.scroll(self.height.saturating_sub(1), false),
            KeyCode::Home => self.scroll(usize::MAX, false),
            KeyCode::End => self.scroll(usize::MAX, true),
            KeyCode::Enter => return self.press(focused, busy),
            // What is typed is not left behind by the key that leaves an input.
            KeyCode::Esc if matches!(kind, Some(Kind::Text(_) | Kind::Choice(..))) => {
                self.focus = None;
            }
            KeyCode::Esc => return Meant::Back,
            KeyCode::Char('q') => return Meant::Quit,
            KeyCode::Char('r') | KeyCode::F(5) => return Meant::Read,
            _ => {}
        }
        Meant::Nothing
    }

    /// Whether a key was for a text.
    fn typed(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.edit(Field::clear),
            KeyCode::Char(c) if !control => {
                self.edit(|field| field.insert(c.encode_utf8(&mut [0; 4])))
            }
            KeyCode::Backspace => self.edit(Field::backspace),
            KeyCode::Delete => self.edit(Field::delete),
            KeyCode::Left => self.edit(Field::left),
            KeyCode::Right => self.edit(Field::right),
            KeyCode::Home => self.edit(Field::go_to_start),
            KeyCode::End => self.edit(Field::go_to_end),
            _ => return false,
        }
        true
    }

    fn edit(&mut self, how: impl FnOnce(&mut Field)) {
        let Some(control) = self.focused().and_then(|at| self.page.controls.get(at)) else {
            return;
        };
        let (key, row) = (control.key, control.row);
        if let Some(mut field) = self.text_of(control) {
            how(&mut field);
            self.edits.insert(key, Edit::Text(field));
            self.bring_into_sight(row);
        }
    }

    /// Whether a key was for a choice.
    fn turned(&mut self, key: KeyEvent) -> bool {
        let forward = match key.code {
            KeyCode::Right | KeyCode::Char(' ') => true,
            KeyCode::Left => false,
            _ => return false,
        };
        let Some(control) = self.focused().and_then(|at| self.page.controls.get(at)) else {
            return false;
        };
        if let (Kind::Choice(choices, _), Some(at)) = (&control.kind, self.choice_of(control)) {
            let last = choices.len().saturating_sub(1);
            let next = match forward {
                true if at >= last => 0,
                true => at + 1,
                false => at.checked_sub(1).unwrap_or(last),
            };
            if let Some(choice) = choices.get(next) {
                self.edits.insert(control.key, Edit::Choice(choice.clone()));
            }
        }
        true
    }

    /// Presses a control, if it is in sight: else it is brought there first.
    fn press(&mut self, control: Option<Control>, busy: bool) -> Meant {
        let Some(control) = control else { return Meant::Nothing };
        if self.bring_into_sight(control.row) {
            return Meant::Nothing;
        }
        match &control.kind {
            Kind::Text(_) | Kind::Choice(..) => self.step(true, false),
            Kind::More => {
                self.limit = self.limit.saturating_mul(4).min(MOST);
                return Meant::Read;
            }
            Kind::Button(_) | Kind::Form(..) if busy => {
                return Meant::Say("what was chosen before is still under way");
            }
            Kind::Button(Some(intent)) => {
                self.sent.clear();
                return Meant::Act(intent.clone());
            }
            Kind::Form(Some(intent), fields) => {
                let fields = fields.iter().filter_map(|at| self.page.controls.get(*at));
                let fields: Vec<_> =
                    fields.map(|field| (field.key, self.value_of(field))).collect();
                self.sent = fields.iter().map(|(key, _)| *key).collect();
                let values = fields.into_iter().map(|(_, value)| value);
                return Meant::Act(intent.iter().cloned().chain(values).collect());
            }
            Kind::Button(None) | Kind::Form(None, _) => {}
        }
        Meant::Nothing
    }

    /// Goes to the next control, or the one before. `line` by line, rows are not skipped.
    fn step(&mut self, forward: bool, line: bool) {
        let next = self.next(forward);
        let row = next.and_then(|at| self.page.controls.get(at)).map(|control| control.row);
        // A row that is just out of sight comes into sight with it.
        let near = self.top.saturating_sub(1)..self.top + self.height + 1;
        let is_near = row.is_some_and(|row| near.contains(&row));
        if line && !is_near && self.can_scroll(forward) {
            self.scroll(1, forward);
        } else if let (Some(at), Some(row)) = (next, row) {
            self.focus = self.page.controls.get(at).map(|control| control.key);
            self.near = at;
            self.bring_into_sight(row);
        }
    }

    fn next(&self, forward: bool) -> Option<usize> {
        let controls = &self.page.controls;
        let enabled = |at: &usize| controls.get(*at).is_some_and(Control::is_enabled);
        match (self.focused(), forward) {
            (Some(at), true) => (at + 1..controls.len()).find(enabled),
            (Some(at), false) => (0..at).rfind(enabled),
            // The one at whose place one is.
            (None, true) => {
                let from = self.near.min(controls.len());
                (from..controls.len()).chain(0..from).find(enabled)
            }
            (None, false) => (0..self.near.min(controls.len())).rfind(enabled),
        }
    }

    fn can_scroll(&self, forward: bool) -> bool {
        match forward {
            true => self.top + self.height < self.page.rows.len(),
            false => self.top > 0,
        }
    }

    fn scroll(&mut self, rows: usize, forward: bool) {
        self.top = match forward {
            true => self.top.saturating_add(rows),
            false => self.top.saturating_sub(rows),
        };
        self.keep_in_bounds();
    }

    /// Whether a row had to be brought into sight.
    fn bring_into_sight(&mut self, row: usize) -> bool {
        let before = self.top;
        if row < self.top {
            self.top = row;
        } else if row >= self.top + self.height {
            self.top = (row + 1).saturating_sub(self.height);
        }
        self.top != before
    }
}

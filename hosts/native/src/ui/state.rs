//! What is on the screen and what has been asked for: a function of what happened, and of nothing else.

use myrhiza_kernel_api::TopicId;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use zeroize::Zeroizing;

use super::acted::{Acted, typed};
use super::list::List;
use super::sheet::{Meant, Sheet};
use super::source::{Asked, Told, Topics};
use super::words::wrapped;
use crate::failure::{Failure, Outcome};
use crate::terminal::Passphrase;
use crate::text;

/// Most rows that a message takes.
const MESSAGE_ROWS: usize = 6;
/// So much is kept of what was said, where more comes.
const REMARKS_BYTES: usize = 1 << 10;
/// Room for a passphrase from the start, so that it is not copied as it grows.
const PASSPHRASE_BYTES: usize = 1 << 10;

/// Something that happened.
#[derive(Debug)]
pub(super) enum Event {
    Key(KeyEvent),
    Paste(String),
    /// The screen has so many columns and rows.
    Size(u16, u16),
    Told(Told),
    /// It is over.
    End,
}

/// Something to be done about it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Ask(Asked),
    Quit,
}

/// What is said below.
pub(super) struct Message {
    pub(super) good: bool,
    words: String,
}

/// A reading that is under way.
#[derive(Default)]
struct Reading {
    now: bool,
    /// There was news meanwhile.
    again: bool,
}

/// Something a person chose.
struct Chosen {
    topic: TopicId,
    intent: Vec<String>,
}

pub(super) struct State {
    columns: u16,
    rows: u16,
    pub(super) list: List,
    pub(super) sheet: Option<Sheet>,
    message: Option<Message>,
    /// What is being done.
    chosen: Option<Chosen>,
    /// The passphrase that it needs, as far as it is typed.
    secret: Option<Passphrase>,
    listing: Reading,
    viewing: Reading,
}

impl Reading {
    /// Whether to start one.
    fn start(&mut self) -> bool {
        self.again = self.now;
        !std::mem::replace(&mut self.now, true)
    }

    /// Whether to start another, now that one has ended.
    fn end(&mut self) -> bool {
        self.now = std::mem::take(&mut self.again);
        self.now
    }
}

impl State {
    /// The topics, with one that is shown first.
    pub(super) fn new(topics: Topics, first: Option<TopicId>) -> (Self, Vec<Effect>) {
        let mut state = Self {
            columns: 0,
            rows: 0,
            list: List::new(topics),
            sheet: None,
            message: None,
            chosen: None,
            secret: None,
            listing: Reading::default(),
            viewing: Reading::default(),
        };
        let effects = first.map(|topic| state.show(topic)).unwrap_or_default();
        (state, effects)
    }

    pub(super) fn size(&self) -> (u16, u16) {
        (self.columns, self.rows)
    }

    pub(super) fn is_acting(&self) -> bool {
        self.chosen.is_some()
    }

    pub(super) fn is_reading(&self) -> bool {
        self.listing.now || self.viewing.now
    }

    /// How many letters of a passphrase are typed, where one is asked for.
    pub(super) fn secret_letters(&self) -> Option<usize> {
        self.secret.as_ref().map(|secret| secret.chars().count())
    }

    /// What is said below, in lines; whether it is good.
    pub(super) fn message(&self) -> (Vec<String>, bool) {
        let Some(message) = &self.message else { return (Vec::new(), true) };
        let columns = usize::from(self.columns).saturating_sub(2).max(2);
        let lines = text::lines(&message.words).flat_map(|line| wrapped(&line, columns));
        let mut lines: Vec<_> = lines.take(MESSAGE_ROWS + 1).collect();
        if lines.len() > MESSAGE_ROWS {
            lines.truncate(MESSAGE_ROWS - 1);
            lines.push("…".into());
        }
        (lines, message.good)
    }

    /// What follows from something that happened.
    pub(super) fn update(&mut self, event: Event) -> Vec<Effect> {
        let effects = match event {
            Event::Size(columns, rows) => {
                (self.columns, self.rows) = (columns, rows);
                Vec::new()
            }
            Event::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
            Event::Key(key) => self.key(key),
            Event::Paste(text) => {
                match (&mut self.secret, &mut self.sheet) {
                    (Some(secret), _) => type_secret(secret, &text),
                    (None, Some(sheet)) => sheet.paste(&text),
                    (None, None) => {}
                }
                Vec::new()
            }
            Event::Told(told) => self.told(told),
            Event::End => vec![Effect::Quit],
        };
        self.fit();
        effects
    }

    /// Rows between what is above and what is below.
    pub(super) fn body_rows(&self) -> usize {
        let below = match self.secret {
            Some(_) => 2,
            None => self.message().0.len(),
        };
        // The title, its line, and the keys.
        usize::from(self.rows).saturating_sub(3 + below)
    }

    fn fit(&mut self) {
        let (rows, columns) = (self.body_rows(), usize::from(self.columns).saturating_sub(2));
        // Its first row has the columns' names.
        self.list.fit(rows.saturating_sub(1));
        if let Some(sheet) = &mut self.sheet {
            sheet.fit(rows, columns);
        }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return vec![Effect::Quit];
        }
        if self.secret.is_some() {
            return self.secret_key(key);
        }
        match &mut self.sheet {
            Some(sheet) => {
                let meant = sheet.key(key, self.chosen.is_some());
                self.meant(meant)
            }
            None => self.list_key(key),
        }
    }

    fn list_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Down | KeyCode::Tab | KeyCode::Char('j') => self.list.move_by(1),
            KeyCode::Up | KeyCode::BackTab | KeyCode::Char('k') => self.list.move_by(-1),
            KeyCode::PageDown => self.list.move_by(self.list.page()),
            KeyCode::PageUp => self.list.move_by(-self.list.page()),
            KeyCode::Home => self.list.move_by(isize::MIN),
            KeyCode::End => self.list.move_by(isize::MAX),
            KeyCode::Enter => {
                if let Some(topic) = self.list.chosen().and_then(super::source::Topic::id) {
                    return self.show(topic);
                }
            }
            KeyCode::Char('r') | KeyCode::F(5) => return self.read(),
            KeyCode::Char('q') => return vec![Effect::Quit],
            KeyCode::Esc => self.message = None,
            _ => {}
        }
        Vec::new()
    }

    fn meant(&mut self, meant: Meant) -> Vec<Effect> {
        match meant {
            Meant::Nothing => Vec::new(),
            Meant::Act(intent) => {
                let Some(sheet) = &self.sheet else { return Vec::new() };
                let topic = sheet.topic;
                self.message = None;
                self.chosen = Some(Chosen { topic, intent: intent.clone() });
                vec![Effect::Ask(Asked::Act { topic, intent, passphrase: None })]
            }
            Meant::Read => self.read(),
            Meant::Say(words) => {
                self.say(false, words);
                Vec::new()
            }
            // What went wrong is read first.
            Meant::Back if self.message.as_ref().is_some_and(|message| !message.good) => {
                self.message = None;
                Vec::new()
            }
            Meant::Back => {
                self.sheet = None;
                self.viewing = Reading::default();
                self.read()
            }
            Meant::Quit => vec![Effect::Quit],
        }
    }

    fn secret_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Some(secret) = &mut self.secret else { return Vec::new() };
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => secret.clear(),
            KeyCode::Char(c) if !control => type_secret(secret, c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => drop(secret.pop()),
            KeyCode::Esc => {
                (self.secret, self.chosen) = (None, None);
                self.say(false, "nothing was done: the passphrase was not given");
            }
            KeyCode::Enter => {
                let passphrase = self.secret.take();
                let Some(Chosen { topic, intent }) = &self.chosen else { return Vec::new() };
                let intent = intent.clone();
                return vec![Effect::Ask(Asked::Act { topic: *topic, intent, passphrase })];
            }
            _ => {}
        }
        Vec::new()
    }

    fn told(&mut self, told: Told) -> Vec<Effect> {
        match told {
            Told::Topics(found) => {
                self.list.set(found);
                if self.listing.end() { vec![Effect::Ask(Asked::Topics)] } else { Vec::new() }
            }
            Told::View(topic, read) => self.viewed(topic, read),
            Told::Acted(done) => {
                self.acted(done);
                self.read()
            }
            Told::Sealed => {
                self.secret = Some(Zeroizing::new(String::with_capacity(PASSPHRASE_BYTES)));
                Vec::new()
            }
            Told::Changed(topic) => {
                let shown = self.sheet.as_ref().map(|sheet| sheet.topic);
                let mut effects = self.read_list();
                if topic.is_none() || topic == shown {
                    effects.extend(self.read_view());
                }
                effects
            }
            Told::Remark(words) => {
                self.remark(words);
                Vec::new()
            }
        }
    }

    fn viewed(&mut self, topic: TopicId, read: Outcome<myrhiza_api::view::Viewed>) -> Vec<Effect> {
        let name = self.list.of(topic).map(|topic| topic.name.clone());
        // What was read of a topic that is no longer shown is not looked at.
        let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.topic == topic) else {
            return Vec::new();
        };
        sheet.set(read.map_err(|failure| match name {
            Some(name) => failure.about(&name),
            None => failure,
        }));
        if self.viewing.end() { self.ask_view() } else { Vec::new() }
    }

    fn acted(&mut self, done: Outcome<Acted>) {
        let chosen = self.chosen.take();
        match done {
            Ok(Acted { verdict, .. }) if verdict == "accept" => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.was_taken();
                }
                self.say(true, "done");
            }
            Ok(Acted { verdict, reason }) if verdict == "trap" => {
                self.say(false, format!("nothing was done: {reason}"));
            }
            Ok(Acted { reason, .. }) if reason.is_empty() => {
                self.say(false, "the app refused it, and says no reason");
            }
            Ok(Acted { reason, .. }) => self.say(false, format!("the app refused it: {reason}")),
            Err(failure) => {
                let failure = match &chosen {
                    Some(Chosen { topic, intent }) => {
                        let name = self.list.of(*topic).map(|topic| topic.name.clone());
                        let name = name.unwrap_or_else(|| topic.to_string());
                        typed(failure.about(&name), &name, intent)
                    }
                    None => failure,
                };
                let Failure { what, cause, next, .. } = failure;
                self.say(false, format!("{what}: {cause}\nnext: {next}"));
            }
        }
    }

    fn say(&mut self, good: bool, words: impl Into<String>) {
        self.message = Some(Message { good, words: words.into() });
    }

    /// Says something beside what is said already.
    fn remark(&mut self, words: String) {
        match self.message.take() {
            Some(Message { words: said, good }) if said.contains(&words) => {
                self.message = Some(Message { words: said, good });
            }
            Some(Message { words: said, .. }) if said.len() < REMARKS_BYTES => {
                self.say(false, format!("{said}\n{words}"));
            }
            _ => self.say(false, words),
        }
    }

    fn show(&mut self, topic: TopicId) -> Vec<Effect> {
        self.list.choose(topic);
        self.message = None;
        self.sheet = Some(Sheet::new(topic));
        self.viewing = Reading::default();
        self.read_view()
    }

    /// Reads what is shown again.
    fn read(&mut self) -> Vec<Effect> {
        let mut effects = self.read_list();
        effects.extend(self.read_view());
        effects
    }

    fn read_list(&mut self) -> Vec<Effect> {
        if self.listing.start() { vec![Effect::Ask(Asked::Topics)] } else { Vec::new() }
    }

    fn read_view(&mut self) -> Vec<Effect> {
        if self.sheet.is_some() && self.viewing.start() { self.ask_view() } else { Vec::new() }
    }

    fn ask_view(&self) -> Vec<Effect> {
        let view = |sheet: &Sheet| {
            let (topic, known, limit) = (sheet.topic, sheet.version(), sheet.limit());
            Effect::Ask(Asked::View { topic, known, limit })
        };
        self.sheet.iter().map(view).collect()
    }
}

/// Up to the room it has: what grows is copied, and a copy stays behind.
fn type_secret(secret: &mut Passphrase, text: &str) {
    for c in text.chars().filter(|c| !c.is_control()) {
        if secret.len() + c.len_utf8() <= PASSPHRASE_BYTES {
            secret.push(c);
        }
    }
}

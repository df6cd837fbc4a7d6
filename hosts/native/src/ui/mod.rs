//! `myrhiza ui --terminal`: topics and their views on a terminal, with the keyboard alone.
//!
//! What is shown and what keys do is a model without I/O: [`state::State`] takes what happened and
//! says what is to be read or done. [`run`] is the loop around it; a thread reads keys, another reads
//! and acts ([`worker`]). What apps and other people wrote is laid out as text and drawn cell by cell:
//! none of it reaches the terminal as it is.

mod acted;
mod control;
mod draw;
mod field;
mod list;
mod page;
mod screen;
mod sheet;
mod source;
mod state;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod words;
mod worker;

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, Sender};
use std::thread;

use ratatui::crossterm::event::{self, Event as Input};
use ratatui::crossterm::terminal;

use crate::console;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::names::{Choice, resolve};
use crate::{cli, logging, signals};
use screen::Screen;
use source::{Source, Topic};
use state::{Effect, Event, State};
use style::Looks;

/// Shows topics until the user has seen enough; first the one that is named.
pub(crate) fn run(cx: &Context<'_>, topic: Option<&str>) -> Outcome<Exit> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::unconfirmed(
            "nothing was shown",
            "run it in a terminal; `myrhiza view TOPIC` and `myrhiza do TOPIC INTENT` need none",
        ));
    }
    let (path, defaults) = (cx.home_path()?, cx.default_config());
    let source = Source { path, defaults, registry: cli::registry(&cx.plugins)? };
    // What is wrong with the home is told before there is a screen.
    let topics = source.topics()?;
    let first = match topic {
        Some(asked) => {
            let choices = topics.all.iter().map(choice).collect();
            resolve("topic", asked, choices, "myrhiza topic list")?.id()
        }
        None => None,
    };
    let looks = Looks { colours: console::streams().colours };
    let (state, effects) = State::new(topics, first);
    let _log = logging::hold();
    show(source, state, effects, looks).map_err(|error| {
        Failure::refused(
            "terminal",
            "the screen ended",
            format!("the terminal could not be used: {error}"),
            "run it in another terminal; what was done is kept",
        )
    })?;
    Ok(Exit::Ok)
}

fn choice(topic: &Topic) -> Choice<Topic> {
    let (id, name) = (topic.id_text().to_owned(), topic.name.clone());
    let label = format!("{name} ({})", id.get(..16).unwrap_or(&id));
    Choice { names: vec![name, topic.id_name.clone()], id, label, value: topic.clone() }
}

/// The loop: draws, waits for something to happen, and has done what follows.
fn show(
    source: Source,
    mut state: State,
    mut effects: Vec<Effect>,
    looks: Looks,
) -> io::Result<()> {
    let (tell, told) = mpsc::channel();
    let (ask, asked) = mpsc::channel();
    let mut screen = Screen::enter()?;
    let (columns, rows) = terminal::size()?;
    state.update(Event::Size(columns, rows));
    // None of these is waited for at the end: what they do is whole or not done at all.
    watch_signals(tell.clone());
    let of_worker = tell.clone();
    thread::spawn(move || worker::work(&source, &asked, &of_worker));
    thread::spawn(move || read_keys(&tell));
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(()),
                // Who would answer has ended, and has said so.
                Effect::Ask(asked) => drop(ask.send(asked)),
            }
        }
        screen.terminal.draw(|frame| draw::draw(frame, &state, looks))?;
        let Ok(first) = told.recv() else { return Ok(()) };
        // All that has happened meanwhile is drawn at once.
        for event in [first].into_iter().chain(told.try_iter()) {
            effects.extend(state.update(event));
        }
    }
}

fn read_keys(tell: &Sender<Event>) {
    while let Ok(input) = event::read() {
        let event = match input {
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Paste(text),
            Input::Resize(columns, rows) => Event::Size(columns, rows),
            _ => continue,
        };
        if tell.send(event).is_err() {
            return;
        }
    }
    // The terminal has gone.
    let _ = tell.send(Event::End);
}

fn watch_signals(tell: Sender<Event>) {
    thread::spawn(move || {
        // Without it, a signal ends this process as it ends any other.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            let _within = runtime.enter();
            runtime.block_on(signals::ended());
            let _ = tell.send(Event::End);
        }
    });
}

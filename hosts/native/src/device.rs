//! What an app asks of its user's device, at a terminal.
//!
//! A text is copied by the terminal itself (OSC 52): that needs no display server, reaches the person
//! also over SSH, and outlives this process, as a clipboard that a process serves does not.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use myrhiza_api::asked::{Asked, Said, Wish};
use myrhiza_api::hex;
use myrhiza_kernel_api::limits;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::console;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::text::{line, lines};

/// What a command has come to so far, and what its user has to answer before it has ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unsettled {
    /// It prints JSON.
    pub(crate) json: bool,
    /// The last event it made or tried, as `do --json` prints it.
    pub(crate) done: Option<Value>,
    pub(crate) asked: Vec<Asked>,
}

/// What came of an answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Came {
    #[serde(rename = "acted")]
    pub(crate) done: Option<Value>,
    pub(crate) asked: Vec<Asked>,
}

/// Hands an answer on, by the token of what it answers.
type Complete<'c> = dyn FnMut(&str, Said) -> Outcome<Came> + 'c;

/// Has the user answer, until nothing is asked any more; prints what came of all of it.
pub(crate) fn settle(waiting: Unsettled, complete: &mut Complete<'_>) -> Outcome<Exit> {
    let Unsettled { json, mut done, asked } = waiting;
    let mut asked = VecDeque::from(asked);
    while let Some(one) = asked.pop_front() {
        let said = match answer(&one) {
            Ok(said) => said,
            Err(failure) => {
                // The app hears that nobody answers.
                let why = failure.cause.clone();
                for open in std::iter::once(one).chain(asked) {
                    complete(&open.token, Said::Unavailable { why: why.clone() })?;
                }
                return Err(failure);
            }
        };
        let came = complete(&one.token, said)?;
        done = came.done.or(done);
        asked.extend(came.asked);
    }
    report(Output { json }, done)
}

/// Prints the last event, if there was one.
fn report(output: Output, done: Option<Value>) -> Outcome<Exit> {
    let nothing = || json!({"event": null, "verdict": "accept", "reason": ""});
    let done = done.unwrap_or_else(nothing);
    let text = |field: &str| done.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_accepted = text("verdict").as_deref() == Some("accept");
    if !is_accepted && !output.json {
        return Err(Failure::refused(
            "refused",
            "the event was not made",
            text("reason").unwrap_or_default(),
            "`myrhiza view TOPIC` shows what can be done now",
        ));
    }
    output.print(&done, |out| match text("event") {
        Some(event) => writeln!(out, "{event}"),
        None => Ok(()),
    })?;
    Ok(if is_accepted { Exit::Ok } else { Exit::Refused })
}

/// The user's answer.
fn answer(asked: &Asked) -> Outcome<Said> {
    let who = format!("{} {}, by {}", line(&asked.app), asked.version, asked.author_name);
    if !console::is_interactive() {
        return Err(Failure::unconfirmed(
            format!("{who}, {}", words(&asked.wish)),
            "run it again at a terminal, or press it on the page of `myrhiza up`",
        ));
    }
    eprintln!("{who}, {}", words(&asked.wish));
    Ok(match &asked.wish {
        Wish::Choose { choices, .. } => choose(choices),
        Wish::Ask { value, .. } => {
            let shown =
                if value.is_empty() { String::new() } else { format!("[{}] ", line(value)) };
            match typed(&format!("{shown}> ")) {
                None => Said::Declined {},
                Some(text) if text.is_empty() => Said::Text { text: value.clone() },
                Some(text) => Said::Text { text },
            }
        }
        Wish::Copy { text } => match agrees("copy it to the clipboard?") {
            true => copied(text),
            false => Said::Declined {},
        },
        Wish::Pick { .. } => pick(),
        Wish::Open { address } => match agrees("open it?") {
            true => match open::that_detached(address) {
                Ok(()) => Said::Done {},
                Err(error) => unavailable(&format!("no program was found to open it: {error}")),
            },
            false => Said::Declined {},
        },
        Wish::Subscribe { .. } => {
            unavailable("a terminal cannot be woken by a server; a browser's own home may be")
        }
        _ => unavailable("this program does not know what is asked; update Myrhiza"),
    })
}

/// What is asked, to be read after who asks.
fn words(wish: &Wish) -> String {
    match wish {
        Wish::Choose { question, .. } | Wish::Ask { question, .. } => {
            format!("asks: {}", lines(question).collect::<Vec<_>>().join("\n  "))
        }
        Wish::Copy { text } => format!(
            "wants to put this on your clipboard:\n  {}",
            lines(text).collect::<Vec<_>>().join("\n  ")
        ),
        Wish::Pick { accept } => format!("asks for a file of the kind {}", line(accept)),
        Wish::Open { address } => format!("wants to open {}", line(address)),
        Wish::Subscribe { .. } => "wants to let a server wake this device".into(),
        _ => "asks for something else".into(),
    }
}

fn unavailable(why: &str) -> Said {
    eprintln!("{why}");
    Said::Unavailable { why: why.into() }
}

/// A line that the user typed; `None` where there is no more input.
fn typed(question: &str) -> Option<String> {
    eprint!("{question}");
    let mut answer = String::new();
    io::stderr().flush().ok()?;
    match io::stdin().read_line(&mut answer) {
        Ok(read) if read > 0 => Some(answer.trim().to_owned()),
        _ => None,
    }
}

fn agrees(question: &str) -> bool {
    let answer = typed(&format!("{question} [y/N] "));
    matches!(answer.as_deref(), Some("y" | "Y" | "yes"))
}

fn choose(choices: &[String]) -> Said {
    for (number, choice) in (1..).zip(choices) {
        eprintln!("  {number}  {}", line(choice));
    }
    loop {
        let answer = typed(&format!("which? [1-{}, or nothing] ", choices.len()));
        match answer.as_deref() {
            None | Some("") => return Said::Declined {},
            Some(number) => match number.parse::<u32>() {
                Ok(number) if (1..=choices.len()).contains(&(number as usize)) => {
                    return Said::Chosen { index: number - 1 };
                }
                _ => eprintln!("there is no such choice"),
            },
        }
    }
}

/// Has the terminal copy a text. Whether it does is its own affair: it does not say.
fn copied(text: &str) -> Said {
    let sent = write!(io::stderr(), "\x1b]52;c;{}\x07", STANDARD.encode(text));
    match sent.and_then(|()| io::stderr().flush()) {
        Ok(()) => Said::Done {},
        Err(error) => unavailable(&format!("the terminal could not be told: {error}")),
    }
}

fn pick() -> Said {
    loop {
        let path = match typed("its path, or nothing: ") {
            None => return Said::Declined {},
            Some(path) if path.is_empty() => return Said::Declined {},
            Some(path) => path,
        };
        match file(Path::new(&path)) {
            Ok(said) => return said,
            Err(why) => eprintln!("{}: {why}", line(&path)),
        }
    }
}

fn file(path: &Path) -> Result<Said, String> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or("its name is not UTF-8, or it has none")?.to_owned();
    let opened = File::open(path).map_err(|error| error.to_string())?;
    if !opened.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err("it is not a file".into());
    }
    let mut bytes = Vec::new();
    let read = opened.take(limits::FILE_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() > limits::FILE_BYTES {
        return Err(format!("it is larger than {} bytes", limits::FILE_BYTES));
    }
    Ok(Said::File { name, bytes: hex(&bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_given_by_its_name_alone_and_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, b"hi").unwrap();
        assert_eq!(file(&path), Ok(Said::File { name: "a.txt".into(), bytes: "6869".into() }));
        std::fs::write(&path, vec![0; limits::FILE_BYTES + 1]).unwrap();
        assert!(file(&path).unwrap_err().contains("larger"));
        assert!(file(folder.path()).unwrap_err().contains("not a file"));
        assert!(file(&folder.path().join("none")).is_err());
    }
}

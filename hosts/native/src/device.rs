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
use crate::failure::{Failure, Outcome, code};
use crate::output::Output;
use crate::runtime::AFTER_A_FAILED_APP;
use crate::text::{line, lines};
use crate::view::quoted;

/// What a command has come to so far, and what its user has to answer before it has ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unsettled {
    /// It prints JSON.
    pub(crate) json: bool,
    /// What the topic is called.
    pub(crate) topic: String,
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
    let Unsettled { json, topic, mut done, asked } = waiting;
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
        let came = complete(&one.token, said).map_err(|failure| failure.about(&topic))?;
        done = came.done.or(done);
        asked.extend(came.asked);
    }
    report(Output { json }, &topic, done)
}

/// Prints the last event, or says that there was none.
fn report(output: Output, topic: &str, done: Option<Value>) -> Outcome<Exit> {
    let look = format!("`myrhiza view {}` shows what the app says", quoted(topic));
    output.remark_if(done.is_none(), &format!("nothing was proposed; {look}"));
    let nothing = || json!({"event": null, "verdict": "accept", "reason": ""});
    let done = done.unwrap_or_else(nothing);
    let text = |field: &str| done.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_accepted = text("verdict").as_deref() == Some("accept");
    if !is_accepted && !output.json {
        let (code, next) = match text("verdict").as_deref() {
            Some("trap") => (code::APP_FAILED, AFTER_A_FAILED_APP),
            _ => ("refused", "`myrhiza view TOPIC` shows what can be done now"),
        };
        let (what, cause) = ("the event was not made", text("reason").unwrap_or_default());
        return Err(Failure::refused(code, what, cause, next).about(topic));
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
                Err(error) => {
                    let said = unavailable(&not_opened(&error));
                    eprintln!("open it by hand: {}", line(address));
                    said
                }
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

/// Why a desktop's program did not open an address.
fn not_opened(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return "no program was found to open it".into();
    }
    let told = error.to_string();
    match ended(&told) {
        Some((program, 0, signal)) => format!("{} was ended by signal {signal}", line(program)),
        Some((program, code, _)) => format!("{} ended with code {code}", line(program)),
        // Of a program that ended badly no more is known elsewhere, and its address is in there.
        None if told.starts_with("Launcher ") => "the program that opens addresses failed".into(),
        None => format!("the program that opens addresses was not started: {told}"),
    }
}

/// The program, exit code and signal in the `open` crate's words for one that ended badly, which are those
/// of a debugger: `Launcher "xdg-open" "https:…" failed with ExitStatus(unix_wait_status(768))`.
fn ended(told: &str) -> Option<(&str, u32, u32)> {
    let (program, rest) = told.strip_prefix("Launcher \"")?.split_once('"')?;
    let (_, status) = rest.rsplit_once("unix_wait_status(")?;
    let status: u32 = status.strip_suffix("))")?.parse().ok()?;
    Some((program, status >> 8, status & 0x7f))
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
    fn why_an_address_was_not_opened_is_told_in_words() {
        let told = |status: &str| {
            let words = format!("Launcher \"xdg-open\" \"https://a/?\\\"x\" failed with {status}");
            not_opened(&io::Error::other(words))
        };
        assert_eq!(told("ExitStatus(unix_wait_status(768))"), "xdg-open ended with code 3");
        assert_eq!(told("ExitStatus(unix_wait_status(9))"), "xdg-open was ended by signal 9");
        assert_eq!(told("ExitStatus(ExitStatus(1))"), "the program that opens addresses failed");
        let missing = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(not_opened(&missing), "no program was found to open it");
        let refused = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(not_opened(&refused).contains("was not started: permission denied"));
    }

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

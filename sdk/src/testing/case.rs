//! Scripts of what people do and what comes of it, one file a case: played natively on the model
//! and through the kernel on the components.
//!
//! ```text
//! # Only the founder resets.
//! people ann bob
//! ann does increment 3
//! sync
//! bob does reset        -> reject 2
//! bob sends 2 80        -> reject 2
//! bob sends 9 80        -> reject
//! ann does halve        -> refuse "there is no `halve`"
//! bob sees 3
//! bob misses "no such text"
//! ```
//!
//! The first line of `people` is the founder and those they invited. `does` gives an intent's words,
//! `sends` an event's variant and its payload in hexadecimal, which goes past `propose` and dry run
//! and stays in the history. Both are accepted unless an arrow says what else: `reject CODE` or
//! `reject` alone (the kernel may reject a variant by the manifest before the app does), `refuse TEXT`
//! (a part of what the user is told) or `trap`. At `sync` everyone gets everything, and must then
//! agree. `sees` names a text of someone's view in full; a table's row is one, its cells joined by ` | `.
//! Quotation marks keep words together. What a case expects holds whoever wins a tie.

use std::fmt;
use std::fs;
use std::path::Path;

use super::Outcome;

/// Where a case is played. An `Err` is a failure of the stage itself, in words.
pub trait Stage {
    /// A member asks for something.
    ///
    /// # Errors
    /// A failure of the stage, as in all these.
    fn ask(&mut self, name: &str, words: &[String]) -> Result<Outcome, String>;
    /// A member makes an event past `propose` and dry run.
    ///
    /// # Errors
    /// A failure of the stage.
    fn send(&mut self, name: &str, variant: u32, payload: &[u8]) -> Result<Outcome, String>;
    /// Everyone gets everyone's events.
    ///
    /// # Errors
    /// A failure of the stage.
    fn sync(&mut self) -> Result<(), String>;
    /// The texts a member sees; a table's row is one, its cells joined by ` | `.
    ///
    /// # Errors
    /// A failure of the stage.
    fn texts(&mut self, name: &str) -> Result<Vec<String>, String>;
    /// Equal for members whose states are equal, and for no others.
    ///
    /// # Errors
    /// A failure of the stage.
    fn digest(&mut self, name: &str) -> Result<Vec<u8>, String>;
}

/// A script.
pub struct Case {
    /// The name of its file, without extension.
    pub name: String,
    people: Vec<String>,
    steps: Vec<(usize, Step)>,
}

enum Step {
    Ask(String, Vec<String>, Expected),
    Send(String, u32, Vec<u8>, Expected),
    Sync,
    Sees(String, String, bool),
}

enum Expected {
    Accept,
    Refuse(String),
    Reject(Option<u32>),
    Trap,
}

/// A line of a case that does not hold, or is none.
#[derive(Debug)]
pub struct CaseError {
    case: String,
    line: usize,
    problem: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.case, self.line, self.problem)
    }
}

impl std::error::Error for CaseError {}

impl Case {
    /// The cases of a folder, which are its `.txt` files, sorted by name.
    ///
    /// # Errors
    /// [`CaseError`], also if the folder cannot be read or holds none.
    pub fn all(folder: impl AsRef<Path>) -> Result<Vec<Self>, CaseError> {
        let folder = folder.as_ref();
        let failed =
            |problem: String| CaseError { case: folder.display().to_string(), line: 0, problem };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(|e| failed(e.to_string()))? {
            let file = entry.map_err(|e| failed(e.to_string()))?.path();
            if file.extension().is_some_and(|extension| extension == "txt") {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(failed("no case is there".into()));
        }
        files
            .iter()
            .map(|file| {
                let name = file.file_stem().unwrap_or_default().to_string_lossy();
                Self::parse(&name, &fs::read_to_string(file).map_err(|e| failed(e.to_string()))?)
            })
            .collect()
    }

    /// Reads a case.
    ///
    /// # Errors
    /// [`CaseError`] that names the line that is none.
    pub fn parse(name: &str, text: &str) -> Result<Self, CaseError> {
        let mut case = Self { name: name.into(), people: Vec::new(), steps: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            let words = split(line);
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            match words[..] {
                [] => {}
                ["people", ref people @ ..] if case.people.is_empty() && !people.is_empty() => {
                    case.people = people.iter().map(ToString::to_string).collect();
                }
                _ => match step(&words) {
                    Some(step) => case.steps.push((index + 1, step)),
                    None => return Err(case.failed(index + 1, format!("what is `{line}`?"))),
                },
            }
        }
        if case.people.is_empty() {
            return Err(case.failed(0, "it has no line `people`".into()));
        }
        Ok(case)
    }

    /// The founder and the other members.
    pub fn people(&self) -> &[String] {
        &self.people
    }

    /// Plays it on a stage with its people.
    ///
    /// # Errors
    /// [`CaseError`] that names the first line that does not hold.
    pub fn play(&self, stage: &mut impl Stage) -> Result<(), CaseError> {
        for (line, step) in &self.steps {
            self.play_step(stage, step).map_err(|problem| self.failed(*line, problem))?;
        }
        Ok(())
    }

    fn play_step(&self, stage: &mut impl Stage, step: &Step) -> Result<(), String> {
        match step {
            Step::Ask(name, words, expected) => expected.hold(stage.ask(name, words)?),
            Step::Send(name, variant, payload, expected) => {
                expected.hold(stage.send(name, *variant, payload)?)
            }
            Step::Sync => {
                stage.sync()?;
                let digests = self.people.iter().map(|name| stage.digest(name));
                let digests = digests.collect::<Result<Vec<_>, _>>()?;
                match digests.windows(2).all(|pair| pair[0] == pair[1]) {
                    true => Ok(()),
                    false => Err("the members' states differ".into()),
                }
            }
            Step::Sees(name, text, expected) => {
                let texts = stage.texts(name)?;
                match texts.contains(text) == *expected {
                    true => Ok(()),
                    false => {
                        let verb = if *expected { "sees" } else { "misses" };
                        Err(format!("expected that {name} {verb} {text:?}; {name} sees {texts:?}"))
                    }
                }
            }
        }
    }

    fn failed(&self, line: usize, problem: String) -> CaseError {
        CaseError { case: self.name.clone(), line, problem }
    }
}

impl Expected {
    fn hold(&self, outcome: Outcome) -> Result<(), String> {
        let holds = match (self, &outcome) {
            (Self::Accept, Outcome::Accepted) | (Self::Trap, Outcome::Trapped) => true,
            (Self::Refuse(part), Outcome::Refused(text)) => text.contains(part),
            (Self::Reject(code), Outcome::Rejected(found, _)) => code.is_none_or(|c| c == *found),
            _ => false,
        };
        if holds { Ok(()) } else { Err(format!("expected {self}; it was {}", told(&outcome))) }
    }
}

/// As a case writes it, which is how [`told`] writes what was.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Refuse(part) => write!(f, "refuse {part:?}"),
            Self::Reject(None) => f.write_str("reject"),
            Self::Reject(Some(code)) => write!(f, "reject {code}"),
            Self::Trap => f.write_str("trap"),
        }
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted => "accept".into(),
        Outcome::Refused(text) => format!("refuse {text:?}"),
        Outcome::Rejected(code, reason) => format!("reject {code} ({reason})"),
        Outcome::Trapped => "trap".into(),
    }
}

/// The words of a line; `#` begins a comment.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (begun, quoted) = (true, !quoted),
            '#' if !quoted && !begun => break,
            c if c.is_whitespace() && !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

fn step(words: &[&str]) -> Option<Step> {
    let arrow = words.iter().position(|word| *word == "->");
    let (said, expected) = words.split_at(arrow.unwrap_or(words.len()));
    let expected = match expected {
        [] => Expected::Accept,
        ["->", "trap"] => Expected::Trap,
        ["->", "refuse", text] => Expected::Refuse((*text).into()),
        ["->", "reject"] => Expected::Reject(None),
        ["->", "reject", code] => Expected::Reject(Some(code.parse().ok()?)),
        _ => return None,
    };
    Some(match said {
        ["sync"] if arrow.is_none() => Step::Sync,
        [name, "sees", text] if arrow.is_none() => Step::Sees((*name).into(), (*text).into(), true),
        [name, "misses", text] if arrow.is_none() => {
            Step::Sees((*name).into(), (*text).into(), false)
        }
        [name, "does", words @ ..] => {
            let words = words.iter().map(ToString::to_string).collect();
            Step::Ask((*name).into(), words, expected)
        }
        [name, "sends", variant, payload] => {
            Step::Send((*name).into(), variant.parse().ok()?, hex(payload)?, expected)
        }
        _ => return None,
    })
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = pairs.iter().map(|[high, low]| Some((digit(*high)? << 4 | digit(*low)?) as u8));
    if rest.is_empty() { bytes.collect() } else { None }
}

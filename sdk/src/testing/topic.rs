//! A topic and its members.

use std::collections::BTreeMap;

use super::host::{Host, Made};
use super::{case::Stage, person};
use crate::event::{Event, Reject};
use crate::fault::fault;
use crate::id::{EventId, Person};
use crate::intent::{Intent, Refusal};
use crate::view::{Content, View};

/// What became of an intent or of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the history and has its effect.
    Accepted,
    /// Nothing was proposed; this is what the user is told.
    Refused(String),
    /// It was tried and rejected, with the app's number for why (0: by the kernel) and the reason.
    Rejected(u32, String),
    /// It was tried and trapped.
    Trapped,
}

/// A topic whose members each hold a copy of its history. A trap of the rules is a panic here.
pub struct Topic<E, I> {
    apply: fn(&mut Host, E) -> Result<(), Reject>,
    propose: fn(&Host, I) -> Result<E, Refusal>,
    view: fn(&Host, &mut View),
    members: Vec<Member>,
    ties: u64,
}

/// The events by height and id: the order that decides the state.
type History = BTreeMap<(u64, EventId), Made>;

struct Member {
    name: String,
    person: Person,
    made: u64,
    history: History,
}

impl<E: Event, I: Intent> Topic<E, I> {
    /// A topic with these members; the first is its founder.
    pub fn new<N: Into<String>>(
        members: impl IntoIterator<Item = N>,
        apply: fn(&mut Host, E) -> Result<(), Reject>,
        propose: fn(&Host, I) -> Result<E, Refusal>,
        view: fn(&Host, &mut View),
    ) -> Self {
        let members: Vec<_> = members
            .into_iter()
            .map(Into::into)
            .map(|name| Member { person: person(&name), name, made: 0, history: BTreeMap::new() })
            .collect();
        if members.is_empty() {
            fault("a topic has a founder");
        }
        Self { apply, propose, view, members, ties: 0 }
    }

    /// The same, with the ids of events drawn anew: events of one height sort by them, so a test
    /// that holds for several seeds does not rest on who wins a tie.
    #[must_use]
    pub fn with_ties(self, seed: u64) -> Self {
        Self { ties: seed, ..self }
    }

    /// A member asks for something: proposed, tried, and kept if accepted.
    pub fn ask<W: Into<String>>(
        &mut self,
        name: &str,
        words: impl IntoIterator<Item = W>,
    ) -> Outcome {
        let words: Vec<String> = words.into_iter().map(Into::into).collect();
        let host = self.host(name);
        match I::parse(&words).and_then(|intent| (self.propose)(&host, intent)) {
            Err(Refusal(text)) => Outcome::Refused(text),
            Ok(event) => {
                let (variant, payload) = event.to_event();
                self.make(name, variant, &payload, false)
            }
        }
    }

    /// A member makes an event past `propose` and dry run, as anyone with a changed program can:
    /// it is in the history whatever is said of it, and judged again where others come before it.
    pub fn send(&mut self, name: &str, variant: u32, payload: &[u8]) -> Outcome {
        self.make(name, variant, payload, true)
    }

    fn make(&mut self, name: &str, variant: u32, payload: &[u8], anyway: bool) -> Outcome {
        let mut host = self.host(name);
        let (apply, ties) = (self.apply, self.ties);
        let member = self.member(name);
        let height = member.history.keys().next_back().map_or(1, |(height, _)| height + 1);
        let mut made = Made {
            id: EventId([0; 32]),
            person: member.person,
            seq: member.made,
            height,
            variant,
            payload: payload.into(),
        };
        made.id = EventId(*blake3::hash(format!("{ties} {made:?}").as_bytes()).as_bytes());
        let verdict = fold(&mut host, &made, apply);
        if anyway || verdict.is_ok() {
            member.made += 1;
            member.history.insert((height, made.id), made);
        }
        match verdict {
            Ok(()) => Outcome::Accepted,
            Err(reject) => Outcome::Rejected(reject.code(), reject.reason().into()),
        }
    }

    /// Everyone gets everyone's events.
    pub fn sync(&mut self) {
        let mut all = History::new();
        self.members.iter().for_each(|member| all.extend(member.history.clone()));
        self.members.iter_mut().for_each(|member| member.history = all.clone());
    }

    /// Two members get each other's events.
    pub fn meet(&mut self, one: &str, other: &str) {
        let mut all = self.member(one).history.clone();
        all.extend(self.member(other).history.clone());
        self.member(one).history = all.clone();
        self.member(other).history = all;
    }

    /// A member's state, to read typed cells from.
    pub fn host(&self, name: &str) -> Host {
        self.folded(name).0
    }

    /// What became of each event in a member's history, in its order.
    pub fn verdicts(&self, name: &str) -> Vec<Result<(), Reject>> {
        self.folded(name).1
    }

    /// What a member sees.
    pub fn view(&self, name: &str) -> View {
        let mut view = View::default();
        (self.view)(&self.host(name), &mut view);
        view
    }

    /// The texts a member sees, in order; a table's row is one, its cells joined by ` | `.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for node in self.view(name).into_nodes() {
            match node.content {
                Content::Panel(text)
                | Content::Message(_, text)
                | Content::Menu(text)
                | Content::Dialog(text)
                | Content::Text(_, text)
                | Content::Input { label: text, .. } => texts.push(text),
                Content::Form(action) | Content::Button(action) => texts.push(action.label),
                Content::List { .. } => {}
                Content::Table { columns, rows } => {
                    texts.push(columns.join(" | "));
                    texts.extend(rows.iter().map(|row| row.join(" | ")));
                }
            }
        }
        texts
    }

    fn folded(&self, name: &str) -> (Host, Vec<Result<(), Reject>>) {
        let people: Vec<_> = self.members.iter().map(|member| member.person).collect();
        let mut host = Host::new(people[0], &people, person(name));
        let history = match self.members.iter().find(|member| member.name == name) {
            Some(member) => &member.history,
            None => fault("the topic has no such member"),
        };
        let verdicts = history.values().map(|made| fold(&mut host, made, self.apply)).collect();
        (host, verdicts)
    }

    fn member(&mut self, name: &str) -> &mut Member {
        match self.members.iter_mut().find(|member| member.name == name) {
            Some(member) => member,
            None => fault("the topic has no such member"),
        }
    }
}

/// Folds an event; what a rejected one wrote is undone.
fn fold<E: Event>(
    host: &mut Host,
    made: &Made,
    apply: fn(&mut Host, E) -> Result<(), Reject>,
) -> Result<(), Reject> {
    let before = host.state.clone();
    host.at(made.clone());
    let verdict = E::from_event(made.variant, &made.payload).and_then(|event| apply(host, event));
    if verdict.is_err() {
        host.state = before;
    }
    verdict
}

impl<E: Event, I: Intent> Stage for Topic<E, I> {
    fn ask(&mut self, name: &str, words: &[String]) -> Result<Outcome, String> {
        Ok(Topic::ask(self, name, words))
    }
    fn send(&mut self, name: &str, variant: u32, payload: &[u8]) -> Result<Outcome, String> {
        Ok(Topic::send(self, name, variant, payload))
    }
    fn sync(&mut self) -> Result<(), String> {
        Topic::sync(self);
        Ok(())
    }
    fn texts(&mut self, name: &str) -> Result<Vec<String>, String> {
        Ok(Topic::texts(self, name))
    }
    fn digest(&mut self, name: &str) -> Result<Vec<u8>, String> {
        Ok(format!("{:?}", self.host(name).state).into_bytes())
    }
}

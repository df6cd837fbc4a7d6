use std::collections::{BTreeMap, VecDeque};

use myrhiza_kernel::node::Told;
use myrhiza_kernel_api::{BundleId, TopicId};
use serde::Serialize;

/// Lines that are kept; the oldest goes with another.
const LINES: usize = 500;

/// What a node has told lately, and what it is fetching: for whoever comes to look later. A host gives
/// it everything that is told.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    lines: VecDeque<Line>,
    /// The number of the next line.
    next: u64,
    fetches: BTreeMap<BundleId, (u64, u64)>,
}

/// One thing that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// From 0, ascending.
    pub number: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    /// How much it matters.
    pub level: Level,
    /// What, in words.
    pub text: String,
    /// Of which topic, in hex.
    pub topic: Option<String>,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// A bundle that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fetch {
    /// Its id.
    pub bundle: String,
    /// Bytes that are here.
    pub bytes: u64,
    /// Bytes there are.
    pub total: u64,
}

/// Lines, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// They.
    pub lines: Vec<Line>,
}

impl Journal {
    /// Notes what was told, at `now_ms` since 1970.
    pub fn note(&mut self, told: &Told, now_ms: u64) {
        match told {
            Told::Fetching { bundle, bytes, total } => {
                self.fetches.insert(*bundle, (*bytes, *total));
            }
            Told::Offered { bundle } | Told::NotFetched { bundle, .. } => {
                self.fetches.remove(bundle);
            }
            _ => {}
        }
        let Some((level, text, topic)) = words(told) else { return };
        let topic = topic.map(|topic| topic.to_string());
        self.lines.push_back(Line { number: self.next, at: now_ms, level, text, topic });
        self.next += 1;
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }

    /// Something was told that this did not hear of: what was under way may be over.
    pub fn missed(&mut self) {
        self.fetches.clear();
    }

    /// The bundles on their way, with the bytes that are here and all there are; ascending.
    pub fn fetches(&self) -> impl Iterator<Item = (BundleId, u64, u64)> {
        self.fetches.iter().map(|(bundle, (bytes, total))| (*bundle, *bytes, *total))
    }

    /// The lines after one, or all.
    pub fn after(&self, line: Option<u64>) -> Lines {
        let later = |known: &&Line| line.is_none_or(|line| known.number > line);
        Lines { lines: self.lines.iter().filter(later).cloned().collect() }
    }
}

/// What is to be read of it, where it is for people at all.
fn words(told: &Told) -> Option<(Level, String, Option<TopicId>)> {
    use Level::{Error, Info, Warning};
    Some(match told {
        Told::Connected { peer, .. } => (Info, format!("connected with {}", short(peer)), None),
        Told::Refused { peer, cause } => {
            (Warning, format!("a connection of {} was not taken: {cause}", short(peer)), None)
        }
        Told::Disconnected { peer, why } => {
            (Info, format!("the connection with {} ended: {why}", short(peer)), None)
        }
        Told::Denied { peer, topic, by_peer } => {
            let who = if *by_peer { "it does not let this home in" } else { "it is not let in" };
            (Info, format!("not shared with {}: {who}", short(peer)), Some(*topic))
        }
        Told::Complete { peer, topic, events } => {
            let s = if *events == 1 { "" } else { "s" };
            (Info, format!("complete with {}: {events} event{s}", short(peer)), Some(*topic))
        }
        Told::UpdateNeeded { peer, what } => {
            (Warning, format!("{} runs a later version: {what}", short(peer)), None)
        }
        Told::Offence { peer, offence, .. } if !offence.is_by_chance() => {
            (Warning, format!("{} misbehaves: {offence}", short(peer)), None)
        }
        Told::Offered { bundle } => {
            (Info, format!("bundle {} was fetched; it is not installed", short(bundle)), None)
        }
        Told::NotFetched { peer, bundle, cause } => {
            let text =
                format!("bundle {} was not had from {}: {cause}", short(bundle), short(peer));
            (Info, text, None)
        }
        Told::Withdrawn { name, reason, .. } => {
            (Warning, format!("the author of {name} has withdrawn it: {reason}"), None)
        }
        Told::Drift { scope, topic, event, .. } => {
            let at = event.map_or(String::new(), |event| format!(", from event {}", short(&event)));
            (Error, format!("{} has another state{at}", short(scope)), Some(*topic))
        }
        Told::Fault { what, error } => (Error, format!("{what}: {error}"), None),
        _ => return None,
    })
}

/// The start of an id.
fn short(id: &impl AsRef<[u8]>) -> String {
    let start: String = id.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel::sync::Role;
    use myrhiza_kernel_api::PublicKey;

    use super::*;

    fn connected(n: u8) -> Told {
        Told::Connected { peer: PublicKey([n; 32]), role: Role::Dialer }
    }

    #[test]
    fn only_the_last_lines_are_kept_and_what_is_new_is_had_by_number() {
        let mut journal = Journal::default();
        (0..=LINES).for_each(|n| journal.note(&connected(n as u8), n as u64));
        let all = journal.after(None).lines;
        assert_eq!((all.len(), all[0].number), (LINES, 1));
        assert_eq!(all[0].text, "connected with 01010101…");
        let new = journal.after(Some(LINES as u64 - 1)).lines;
        assert_eq!(new.iter().map(|line| line.number).collect::<Vec<_>>(), [LINES as u64]);
    }

    #[test]
    fn a_fetch_is_under_way_until_it_has_come_or_not() {
        let (bundle, mut journal) = (BundleId([1; 32]), Journal::default());
        journal.note(&Told::Fetching { bundle, bytes: 3, total: 9 }, 0);
        assert_eq!(journal.fetches().collect::<Vec<_>>(), [(bundle, 3, 9)]);
        assert!(journal.after(None).lines.is_empty(), "it is no line of its own");
        journal.note(&Told::Offered { bundle }, 0);
        assert_eq!(journal.fetches().count(), 0);
        journal.note(&Told::Fetching { bundle, bytes: 3, total: 9 }, 0);
        journal.missed();
        assert_eq!(journal.fetches().count(), 0);
    }
}

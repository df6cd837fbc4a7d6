//! What happened to a node since it was started, counted for its metrics.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use myrhiza_kernel::node::drive::Node;
use myrhiza_kernel::node::{Told, Why};
use myrhiza_kernel::sync::{Offence, Reason};

/// Different words that a counter may have where they are not known here. None is a peer's.
const WORDS: usize = 16;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counter {
    Connects,
    Refusals,
    Disconnects,
    NotReached,
    Denials,
    Offences,
    Drifts,
    NotFetched,
    Faults,
    Missed,
}

impl Counter {
    const ALL: [Self; 10] = [
        Self::Connects,
        Self::Refusals,
        Self::Disconnects,
        Self::NotReached,
        Self::Denials,
        Self::Offences,
        Self::Drifts,
        Self::NotFetched,
        Self::Faults,
        Self::Missed,
    ];

    /// Its name, and what it says.
    pub(super) fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::Connects => ("connections_total", "Connections with peers that came to be."),
            Self::Refusals => {
                ("connections_refused_total", "Connections of peers that were not taken, by cause.")
            }
            Self::Disconnects => ("disconnects_total", "Connections that ended, by reason."),
            Self::NotReached => ("not_reached_total", "Attempts to reach a peer that failed."),
            Self::Denials => ("topics_denied_total", "Topics not shared with a peer, by whom."),
            Self::Offences => ("offences_total", "What peers did that none should, by kind."),
            Self::Drifts => ("drifts_total", "Times another state was met for the same events."),
            Self::NotFetched => ("bundles_not_fetched_total", "Bundles a peer did not give."),
            Self::Faults => ("faults_total", "What this home could not do; its log has each."),
            Self::Missed => {
                ("missed_total", "Times so much happened at once that these counters missed some.")
            }
        }
    }

    /// The label that tells its series apart, with the values there always are.
    fn label(self) -> Option<(&'static str, Vec<&'static str>)> {
        match self {
            Self::Refusals => Some(("cause", Vec::new())),
            Self::Disconnects => Some(("reason", DISCONNECTS.to_vec())),
            Self::Denials => Some(("by", vec!["here", "peer"])),
            Self::Offences => {
                Some(("offence", Offence::ALL.iter().map(|kind| offence(*kind)).collect()))
            }
            _ => None,
        }
    }
}

/// What [`reason`] gives.
const DISCONNECTS: [&str; 13] = [
    "lost",
    "offended",
    "version",
    "silent",
    "by-peer",
    "replaced",
    "useless",
    "surplus",
    "entered",
    "displaced",
    "behind",
    "slept",
    "fault",
];

fn reason(why: &Why) -> &'static str {
    match why {
        Why::Lost(_) => "lost",
        Why::Ended(Reason::Offended(_)) => "offended",
        Why::Ended(Reason::Version(_)) => "version",
        Why::Ended(Reason::Silent) => "silent",
        Why::Ended(Reason::ByPeer(_)) => "by-peer",
        Why::Replaced => "replaced",
        Why::Useless => "useless",
        Why::Surplus => "surplus",
        Why::Entered => "entered",
        Why::Displaced => "displaced",
        Why::Behind => "behind",
        Why::Slept => "slept",
        Why::Fault => "fault",
        _ => "other",
    }
}

fn offence(kind: Offence) -> &'static str {
    match kind {
        Offence::Malformed => "malformed",
        Offence::Order => "order",
        Offence::Proof => "proof",
        Offence::Lie => "lie",
        Offence::Event => "event",
        Offence::Flood => "flood",
        Offence::Useless => "useless",
        Offence::Repeat => "repeat",
        Offence::NoProgress => "no-progress",
        Offence::Stalled => "stalled",
        _ => "other",
    }
}

/// A counter's series, by the value of its label.
type Series = BTreeMap<Cow<'static, str>, u64>;

/// All counters of a node.
#[derive(Clone)]
pub(super) struct Counts(Arc<Mutex<BTreeMap<Counter, Series>>>);

impl Default for Counts {
    /// What there always is begins at 0, so that the first of it is seen as one.
    fn default() -> Self {
        let zeros = |counter: Counter| -> Series {
            let values = counter.label().map_or(vec![""], |(_, values)| values);
            values.into_iter().map(|value| (value.into(), 0)).collect()
        };
        Self(Arc::new(Mutex::new(Counter::ALL.map(|counter| (counter, zeros(counter))).into())))
    }
}

impl Counts {
    /// Counts what a node tells, until it stops.
    pub(super) async fn follow(self, node: Node) {
        loop {
            let watch = node.watch();
            while let Ok(told) = watch.recv().await {
                self.take(&told);
            }
            // It has stopped, or told more at once than was taken.
            if node.peers().await.is_err() {
                return;
            }
            self.add(Counter::Missed, "");
        }
    }

    fn take(&self, told: &Told) {
        match told {
            Told::Connected { .. } => self.add(Counter::Connects, ""),
            Told::Refused { cause, .. } => self.add(Counter::Refusals, cause.clone()),
            Told::Disconnected { why, .. } => self.add(Counter::Disconnects, reason(why)),
            Told::NotReached { .. } => self.add(Counter::NotReached, ""),
            Told::Denied { by_peer, .. } => {
                self.add(Counter::Denials, if *by_peer { "peer" } else { "here" });
            }
            Told::Offence { offence: kind, .. } => self.add(Counter::Offences, offence(*kind)),
            // It is told once more when the event is known.
            Told::Drift { event: None, .. } => self.add(Counter::Drifts, ""),
            Told::NotFetched { .. } => self.add(Counter::NotFetched, ""),
            Told::Fault { .. } => self.add(Counter::Faults, ""),
            _ => {}
        }
    }

    fn add(&self, counter: Counter, value: impl Into<Cow<'static, str>>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let series = counts.entry(counter).or_default();
        let mut value = value.into();
        if !series.contains_key(&value) && series.len() >= WORDS {
            value = "other".into();
        }
        let count = series.entry(value).or_default();
        *count = count.saturating_add(1);
    }

    /// Every counter, with its label and the value of each of its series.
    pub(super) fn all(&self) -> Vec<(Counter, Vec<(String, u64)>)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |counter: Counter| {
            let series = counts.get(&counter).into_iter().flatten();
            let labels = |value: &str| match counter.label() {
                Some((label, _)) => format!("{{{label}={value:?}}}"),
                None => String::new(),
            };
            (counter, series.map(|(value, count)| (labels(value), *count)).collect())
        };
        Counter::ALL.map(of).into()
    }
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::PublicKey;

    use super::*;

    fn count(counts: &Counts, counter: Counter, labels: &str) -> Option<u64> {
        let all = counts.all();
        let (_, series) = all.iter().find(|(of, _)| *of == counter).unwrap();
        series.iter().find(|(of, _)| of == labels).map(|(_, count)| *count)
    }

    #[test]
    fn what_happens_is_counted_by_its_reason_and_what_did_not_is_0() {
        let (counts, peer) = (Counts::default(), PublicKey([1; 32]));
        let labels = r#"{reason="offended"}"#;
        assert_eq!(count(&counts, Counter::Disconnects, labels), Some(0));
        let why = Why::Ended(Reason::Offended(Offence::Lie));
        counts.take(&Told::Disconnected { peer, why });
        counts.take(&Told::Disconnected { peer, why: Why::Lost("it is \"gone\"".into()) });
        counts.take(&Told::Offence { peer, offence: Offence::Lie, points: 600 });
        assert_eq!(count(&counts, Counter::Disconnects, labels), Some(1));
        assert_eq!(count(&counts, Counter::Disconnects, r#"{reason="lost"}"#), Some(1));
        assert_eq!(count(&counts, Counter::Disconnects, r#"{reason="surplus"}"#), Some(0));
        assert_eq!(count(&counts, Counter::Offences, r#"{offence="lie"}"#), Some(1));
        assert_eq!(count(&counts, Counter::Faults, ""), Some(0));
    }

    #[test]
    fn no_offence_lacks_a_name_and_words_do_not_grow_without_end() {
        assert!(Offence::ALL.iter().all(|kind| offence(*kind) != "other"));
        let (counts, peer) = (Counts::default(), PublicKey([1; 32]));
        for n in 0..100 {
            counts.take(&Told::Refused { peer, cause: format!("cause {n}") });
        }
        let all = counts.all();
        let (_, series) = all.iter().find(|(of, _)| *of == Counter::Refusals).unwrap();
        assert_eq!(series.len(), WORDS + 1);
        assert_eq!(count(&counts, Counter::Refusals, r#"{cause="other"}"#), Some(84));
    }
}

//! Cases, and what they need of the machine.

use std::env;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::{Host, Lan, Session, clock};

/// Something that is not on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Only the loopback network.
    Loopback,
    /// Hosts of its own.
    Hosts,
    /// Hosts, and links between them that are slow.
    SlowLinks,
    /// A clock that is wrong.
    Clock,
    /// A session with a keyring.
    Keyring,
}

impl Needs {
    const ALL: [Self; 5] =
        [Self::Loopback, Self::Hosts, Self::SlowLinks, Self::Clock, Self::Keyring];

    /// As it is shown beside a case.
    const fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Hosts => "hosts",
            Self::SlowLinks => "slow links",
            Self::Clock => "clock",
            Self::Keyring => "keyring",
        }
    }

    /// Why it is not to be had here; `None` if it is.
    fn lacks(self) -> Option<String> {
        match self {
            Self::Loopback => None,
            Self::Hosts => Host::make().err(),
            Self::SlowLinks => Host::make().err().or_else(|| {
                let (lan, host) = (Lan::new(), Host::new());
                lan.plug(&host, "10.0.0.1/24").limit("1mbit").err()
            }),
            Self::Clock => match clock::library() {
                Some(_) => None,
                None => Some("libfaketime is not installed".into()),
            },
            Self::Keyring => Session::make().err(),
        }
    }
}

/// A case: what it needs, what holds, and how that is seen.
pub type Case = (Needs, &'static str, fn());

/// Runs cases as a test program does: arguments filter, list and so on. Those that lack something
/// are ignored, and it is said what they lack.
pub fn run(cases: &[Case]) -> ExitCode {
    let needed = Needs::ALL.into_iter().filter(|needs| cases.iter().any(|case| case.0 == *needs));
    let lacking: Vec<_> =
        needed.filter_map(|needs| needs.lacks().map(|why| (needs, why))).collect();
    for (needs, why) in &lacking {
        eprintln!("the cases that need {} are skipped: {why}", needs.name());
    }
    let trial = |(needs, title, holds): &Case| {
        let (needs, holds) = (*needs, *holds);
        let trial = Trial::test(*title, move || {
            holds();
            Ok(())
        });
        let skipped = lacking.iter().any(|(lacks, _)| *lacks == needs);
        trial.with_kind(needs.name()).with_ignored_flag(skipped)
    };
    let mut arguments = Arguments::from_args();
    // As a test program of the standard library's does.
    let threads = env::var("RUST_TEST_THREADS").ok().and_then(|threads| threads.parse().ok());
    arguments.test_threads = arguments.test_threads.or(threads);
    libtest_mimic::run(&arguments, cases.iter().map(trial).collect()).exit_code()
}

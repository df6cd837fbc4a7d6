//! Components with the transcripts they must give.

use std::any::Any;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use myrhiza_kernel_api::host::HostTrap;
use myrhiza_kernel_api::operation::Outcome;
use myrhiza_kernel_api::{Backend, BackendError, Called, Candidate, Component, Verdict};

use crate::guest::{self, Profile};
use crate::host::{Recorder, Stop};
use crate::transcript::{show_bytes, show_text};

/// A component and what it must do.
///
/// The text of the component starts with directives, one a line:
///
/// ```text
/// ;; profile: state-apply
/// ;; calls: 0 1 0            a call each; the number is the event's variant, the clock, or the
///                            count of words in the intent, or of bytes in the cursor; of
///                            `interaction-acting`, below 10 the count of words that are pressed,
///                            from 10 on the kind of the outcome
/// ;; value: big 70000000     a key of the state with that many zero bytes as its value
/// ;; stop: state.set Key     the host function that stops, and the rule broken, or `local`
/// ```
pub struct Case {
    /// The name of its files.
    pub name: &'static str,
    /// The component, a core module in WAT.
    pub wat: &'static str,
    /// What it must do.
    pub transcript: &'static str,
}

/// What the directives say.
struct Script {
    profile: Profile,
    calls: Vec<u32>,
    value: Option<(String, usize)>,
    stop: Option<(String, Stop)>,
}

/// The words of intents, in order.
const WORDS: [&str; 6] = ["vote", "für €", "", "𝄞", "five", "six"];

macro_rules! cases {
    ($($name:literal)*) => {
        /// Every case.
        pub const CASES: &[Case] = &[$(Case {
            name: $name,
            wat: include_str!(concat!("../components/", $name, ".wat")),
            transcript: include_str!(concat!("../components/", $name, ".txt")),
        }),*];
    };
}

cases! {
    "act"
    "boundary"
    "canvas"
    "canvas-boundary"
    "common-imports"
    "depth"
    "event-imports"
    "free-imports"
    "fuel"
    "growth"
    "host-fails"
    "host-traps"
    "huge-value"
    "long-reason"
    "memory"
    "migrate"
    "post-return"
    "propose"
    "smuggle"
    "state-imports"
    "traps"
    "verdicts"
    "view"
    "view-bomb"
    "view-boundary"
}

impl Case {
    /// The case of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CASES.iter().find(|case| case.name == name)
    }

    /// Whether every call finds the memory of a new instance.
    pub(crate) fn has_fresh_memory(&self) -> bool {
        let profiles = [";; profile: state-apply", ";; profile: migrate"];
        profiles.iter().any(|profile| self.wat.contains(profile))
    }

    /// Compares what a backend does with what the case must do.
    ///
    /// # Errors
    /// Both transcripts, from the first line that differs.
    pub fn check(&self, backend: &dyn Backend) -> Result<()> {
        let got = self.run(backend, false)?;
        if got == self.transcript {
            return Ok(());
        }
        let same = got.lines().zip(self.transcript.lines()).take_while(|(a, b)| a == b).count();
        let rest = |text: &str| text.lines().skip(same).take(8).collect::<Vec<_>>().join("\n  ");
        bail!(
            "{}.txt differs from line {}\nmust be:\n  {}\nis:\n  {}",
            self.name,
            same + 1,
            rest(self.transcript),
            rest(&got)
        )
    }

    /// The transcript a backend gives.
    ///
    /// `anew`: every call gets an instance of its own, compiled from the bytes.
    ///
    /// # Errors
    /// A case that is not well-formed, a component that does not compile, a host that got lost.
    pub fn run(&self, backend: &dyn Backend, anew: bool) -> Result<String> {
        let script = self.script()?;
        let bytes = guest::component(script.profile, self.wat)?;
        let component =
            Component { id: guest::id(&bytes), bytes: &bytes, fuel: script.profile.fuel() };
        let mut callee = callee(backend, script.profile, component)?;
        let mut transcript = String::new();
        for number in &script.calls {
            if anew {
                callee = self::callee(backend, script.profile, component)?;
            }
            let mut host = Recorder::new(*number);
            host.stop.clone_from(&script.stop);
            if let Some((key, len)) = &script.value {
                host.state.insert(key.clone().into_bytes(), vec![0; *len]);
            }
            let (host, end) = callee(host, *number)?;
            let host: Box<dyn Any> = host;
            let host = host.downcast::<Recorder>().ok().context("another host came back")?;
            writeln!(transcript, "call {number}")?;
            host.trace.iter().try_for_each(|line| writeln!(transcript, "  {line}"))?;
            writeln!(transcript, "{end}")?;
        }
        Ok(transcript)
    }

    fn script(&self) -> Result<Script> {
        let directive = |name: &str| {
            let start = format!(";; {name}: ");
            self.wat.lines().find_map(|line| line.strip_prefix(&start)).map(str::trim)
        };
        let profile = match directive("profile") {
            Some("state-apply") => Profile::StateApply,
            Some("migrate") => Profile::Migrate,
            Some("state-propose") => Profile::StatePropose,
            Some("interaction") => Profile::Interaction,
            Some("interaction-acting") => Profile::Acting,
            other => bail!("{}: profile {other:?}", self.name),
        };
        let numbers = directive("calls").context("no calls")?.split(' ').map(str::parse);
        let value = match directive("value").map(|value| value.split_once(' ')) {
            Some(value) => {
                let (key, len) = value.context("value")?;
                Some((key.to_owned(), len.parse()?))
            }
            None => None,
        };
        let stop = match directive("stop").map(|stop| stop.split_once(' ')) {
            Some(stop) => {
                let (function, how) = stop.context("stop")?;
                Some((function.to_owned(), parse_stop(how)?))
            }
            None => None,
        };
        Ok(Script { profile, calls: numbers.collect::<Result<_, _>>()?, value, stop })
    }
}

fn parse_stop(how: &str) -> Result<Stop> {
    let traps = [
        HostTrap::Calls,
        HostTrap::ReadBytes,
        HostTrap::WriteBytes,
        HostTrap::MigrateBytes,
        HostTrap::Key,
        HostTrap::Value,
        HostTrap::Drawing,
        HostTrap::Argument,
    ];
    match traps.into_iter().find(|trap| format!("{trap:?}") == how) {
        Some(trap) => Ok(Stop::Trap(trap)),
        None if how == "local" => Ok(Stop::Local),
        None => bail!("no such stop: {how}"),
    }
}

type Callee = Box<dyn FnMut(Recorder, u32) -> Result<(Box<dyn Any>, String)>>;

/// A compiled component as a function from a host to the host and the end of the call.
fn callee(backend: &dyn Backend, profile: Profile, component: Component<'_>) -> Result<Callee> {
    Ok(match profile {
        Profile::StateApply => {
            let mut apply = backend.state_apply(component)?;
            Box::new(move |host, _| {
                let returned = apply.apply(Box::new(host));
                Ok((returned.host as Box<dyn Any>, end(returned.outcome)?))
            })
        }
        Profile::Migrate => {
            let mut migrate = backend.migrate(component)?;
            Box::new(move |host, number| {
                let cursor = vec![b'c'; number as usize];
                let returned = migrate.migrate(Box::new(host), [1, 2, 3], &cursor);
                Ok((returned.host as Box<dyn Any>, end(returned.outcome)?))
            })
        }
        Profile::StatePropose => {
            let mut propose = backend.state_propose(component)?;
            Box::new(move |host, number| {
                let words = WORDS.iter().take(number as usize).map(|word| (*word).to_owned());
                let returned = propose.propose(Box::new(host), &words.collect::<Vec<_>>());
                Ok((returned.host as Box<dyn Any>, end(returned.outcome)?))
            })
        }
        Profile::Interaction => {
            let mut interaction = backend.interaction(component)?;
            Box::new(move |host, _| {
                let returned = interaction.render(Box::new(host));
                Ok((returned.host as Box<dyn Any>, end(returned.outcome)?))
            })
        }
        Profile::Acting => {
            let mut interaction = backend.interaction(component)?;
            Box::new(move |host, number| {
                let host = Box::new(host);
                let returned = match number.checked_sub(10) {
                    None => {
                        let words = WORDS.iter().take(number as usize).map(|word| (*word).into());
                        interaction.press(host, &words.collect::<Vec<String>>())
                    }
                    Some(outcome) => {
                        let token = (1 << 40) + u64::from(number);
                        interaction.complete(host, token, &self::outcome(outcome))
                    }
                };
                Ok((returned.host as Box<dyn Any>, end(returned.outcome)?))
            })
        }
    })
}

/// An outcome of each kind, by its number.
fn outcome(number: u32) -> Outcome {
    let text = || "für €".to_owned();
    match number {
        0 => Outcome::Declined,
        1 => Outcome::Unavailable(text()),
        2 => Outcome::Done,
        3 => Outcome::Chosen(7),
        4 => Outcome::Text(text()),
        5 => Outcome::File { name: text(), bytes: b"\0\xff".to_vec() },
        _ => Outcome::Subscribed(String::new()),
    }
}

/// How a call ended, in one line.
fn end<T: Shown>(outcome: Result<Called<T>, BackendError>) -> Result<String> {
    match outcome {
        Ok(Called { result: Ok(result), fuel }) => Ok(format!("= {}, fuel {fuel}", result.shown())),
        Ok(Called { result: Err(trap), fuel }) => Ok(format!("= {trap:?} trap, fuel {fuel}")),
        Err(BackendError::Store(_)) => Ok("= the host failed".into()),
        Err(other) => Err(other.into()),
    }
}

trait Shown {
    fn shown(self) -> String;
}

impl Shown for Verdict {
    fn shown(self) -> String {
        match self {
            Verdict::Accept => "accept".into(),
            Verdict::Reject { code, reason } => {
                format!("reject {code} with {}", show_text(&reason))
            }
        }
    }
}

impl Shown for Result<Candidate, String> {
    fn shown(self) -> String {
        match self {
            Ok(event) => format!("propose {} {}", event.variant, show_bytes(&event.payload)),
            Err(text) => format!("refuse with {}", show_text(&text)),
        }
    }
}

impl Shown for Option<Vec<u8>> {
    fn shown(self) -> String {
        self.map_or("done".into(), |cursor| format!("go on from {}", show_bytes(&cursor)))
    }
}

impl Shown for () {
    fn shown(self) -> String {
        "done".into()
    }
}

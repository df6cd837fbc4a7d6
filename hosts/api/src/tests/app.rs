//! An app that can be installed, and a backend that runs something simple in its place: an intent's
//! words become the payload, a payload becomes the value under `said`, and that is what is shown.

use std::any::Any;

use myrhiza_kernel::bundle::{self, Bundle};
use myrhiza_kernel_api::canvas::{Command, Drawing, Paint, Size, Subject};
use myrhiza_kernel_api::host::{
    ApplyHost, EventField, FieldValue, HostResult, HostStop, InteractionHost, MigrateHost,
    ProposeHost,
};
use myrhiza_kernel_api::operation::Outcome;
use myrhiza_kernel_api::ui::{Content, Node, Text, Tone, View};
use myrhiza_kernel_api::{
    Backend, BackendError, Called, Candidate, Component, Interaction, Migrate, Returned,
    StateApply, StatePropose, Trap, Verdict,
};

/// The counter, as it was signed once.
const BYTES: &[u8] = include_bytes!("../../../../tests/apps/golden/counter/app.bundle");

pub(super) fn bundle() -> Bundle {
    bundle::open(BYTES).unwrap()
}

pub(super) struct StandIn;

impl Backend for StandIn {
    fn name(&self) -> &'static str {
        "stand-in"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn state_apply(&self, _: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        Ok(Box::new(Self))
    }

    fn migrate(&self, _: Component<'_>) -> Result<Box<dyn Migrate>, BackendError> {
        Ok(Box::new(Self))
    }

    fn state_propose(&self, _: Component<'_>) -> Result<Box<dyn StatePropose>, BackendError> {
        Ok(Box::new(Self))
    }

    fn interaction(&self, _: Component<'_>) -> Result<Box<dyn Interaction>, BackendError> {
        Ok(Box::new(Self))
    }
}

impl StateApply for StandIn {
    fn apply(&mut self, mut host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict> {
        let mut said = || -> HostResult<Verdict> {
            let payload = match host.field(EventField::Payload)? {
                FieldValue::Bytes(bytes) => bytes.to_vec(),
                FieldValue::Number(_) => unreachable!("a number"),
            };
            if payload == b"no" {
                return Ok(Verdict::Reject { code: 3, reason: "nobody says no here".into() });
            }
            host.set(b"said", &payload)?;
            Ok(Verdict::Accept)
        };
        let said = said();
        end(host, said)
    }
}

impl StatePropose for StandIn {
    fn propose(
        &mut self,
        host: Box<dyn ProposeHost>,
        intent: &[String],
    ) -> Returned<Box<dyn ProposeHost>, Result<Candidate, String>> {
        let said = match intent {
            [] => Err("say something".into()),
            words => Ok(Candidate { variant: 0, payload: words.join(" ").into_bytes() }),
        };
        end(host, Ok(said))
    }
}

impl Interaction for StandIn {
    fn render(
        &mut self,
        mut host: Box<dyn InteractionHost>,
    ) -> Returned<Box<dyn InteractionHost>, ()> {
        let mut shown = || -> HostResult<()> {
            let said = host.get(b"said")?.unwrap_or_default();
            if said == b"break" {
                // An empty key is against the rules.
                host.get(&[])?;
            }
            if said.starts_with(b"draw") {
                surface(&mut *host, &said)?;
            }
            let text =
                Text { tone: Tone::Plain, text: String::from_utf8_lossy(&said).into_owned() };
            host.show(View { nodes: vec![Node { depth: 0, content: Content::Text(text) }] })
        };
        let shown = shown();
        end(host, shown)
    }

    fn press(&mut self, host: Screen, _: &[String]) -> Returned<Screen, ()> {
        Returned::nothing(host)
    }

    fn complete(&mut self, host: Screen, _: u64, _: &Outcome) -> Returned<Screen, ()> {
        Returned::nothing(host)
    }
}

type Screen = Box<dyn InteractionHost>;

/// A surface in the colour of what was said, which says how often it was pressed.
fn surface(host: &mut dyn InteractionHost, said: &[u8]) -> HostResult<()> {
    let presses = host.input()?.iter().filter(|input| input.is_press()).count();
    if presses > 0 {
        host.act(vec!["draw".into(), presses.to_string()])?;
    }
    let rgba = said.iter().fold(0, |sum, byte| sum + u32::from(*byte));
    host.draw(Drawing { commands: vec![Command::Clear(Paint::Rgba(rgba))] })?;
    let size = Size { width: 40, height: 30 };
    host.surface(Subject { name: "Board".into(), text: "One colour.".into(), size })
}

impl Migrate for StandIn {
    fn migrate(
        &mut self,
        host: Box<dyn MigrateHost>,
        _: [u32; 3],
        _: &[u8],
    ) -> Returned<Box<dyn MigrateHost>, Option<Vec<u8>>> {
        end(host, Ok(None))
    }
}

fn end<H: ?Sized + Any, T>(host: Box<H>, said: HostResult<T>) -> Returned<Box<H>, T> {
    let result = said.map_err(|stop| match stop {
        HostStop::Trap(trap) => Trap::Host(trap),
        other => panic!("{other}"),
    });
    Returned { host, outcome: Ok(Called { result, fuel: 1 }) }
}

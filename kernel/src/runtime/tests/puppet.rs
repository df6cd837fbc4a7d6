//! A home whose apps do what the test says: one word of what is pressed at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use myrhiza_kernel_api::host::{ApplyHost, HostResult, HostStop, InteractionHost};
use myrhiza_kernel_api::operation::{Operation, Outcome};
use myrhiza_kernel_api::ui::{Content, Node, Text, Tone, View};
use myrhiza_kernel_api::{
    Backend, BackendError, Called, Component, Determinism, InstanceLife, Interaction, Migrate,
    Permit, Profile, ProfileLimits, Returned, StateApply, StatePropose, TopicId, Trap, Verdict,
    limits,
};
use myrhiza_store_memory::MemoryStore;

use crate::bundle::tests::guests::{acting, apply};
use crate::bundle::{Bundle, KERNEL, Manifest, Version, pack};
use crate::event::payload::Admission;
use crate::identity::{Keys, SecretKey};
use crate::runtime::{Ambient, NewTopic, Pressed, Runtime, RuntimeError, Signer};
use crate::schema;

const APPLY: Profile = Profile {
    name: "state-apply",
    world: "myrhiza:kernel/state-apply@1.0.0",
    exports: &["apply"],
    permits: &[],
    determinism: Determinism::Strict,
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY),
    life: InstanceLife::FreshMemory,
};
const INTERACTION: Profile = Profile {
    name: "interaction",
    world: "myrhiza:kernel/interaction-acting@1.0.0",
    exports: &["render"],
    permits: &[Permit::each("navigate")],
    determinism: Determinism::Free,
    life: InstanceLife::Long,
    ..APPLY
};

/// What every puppet notes, and does once it is called otherwise than by `press`.
#[derive(Default)]
pub(super) struct Strings {
    pub(super) noted: Vec<String>,
    /// What `render` does.
    pub(super) render: Vec<String>,
    /// What `complete` does.
    pub(super) complete: Vec<String>,
}

/// A home with its strings.
pub(super) struct Stage {
    pub(super) runtime: Runtime,
    pub(super) strings: Arc<Mutex<Strings>>,
    keys: Keys,
    /// Other chance for each call.
    chance: u64,
}

/// An app by the author of that seed, which may open addresses of one site.
pub(super) fn app(id: &str, seed: u8, minor: u32) -> Bundle {
    let parts = [("interaction", acting("")), ("state-apply", apply("", ""))];
    let components: BTreeMap<_, _> = parts.map(|(name, bytes)| (name.to_owned(), bytes)).into();
    let mut manifest = Manifest {
        id: id.into(),
        name: id.into(),
        version: Version { major: 1, minor, patch: 0 },
        description: String::new(),
        kernel: KERNEL,
        profiles: components.keys().cloned().collect(),
        capabilities: Default::default(),
        authors: BTreeMap::new(),
        drift_interval: 1024,
    };
    let site = "https://a.example".to_owned();
    manifest.capabilities.0.insert("navigate".into(), [site].into());
    pack(manifest, components).unwrap().sign(&SecretKey::from_seed(&[seed; 32]))
}

impl Stage {
    pub(super) fn new() -> Self {
        let strings = Arc::<Mutex<Strings>>::default();
        let backend = Arc::new(Puppets(Arc::clone(&strings)));
        let store = Arc::new(MemoryStore::new(schema::ALL));
        let runtime = Runtime::new(store, backend, vec![&APPLY, &INTERACTION]);
        let key = |seed| SecretKey::from_seed(&[seed; 32]);
        Self { runtime, strings, keys: Keys::new(key(1), key(2), "desk").unwrap(), chance: 0 }
    }

    /// Installs an app and founds a topic of it.
    pub(super) fn found(&mut self, app: &Bundle, name: &str) -> TopicId {
        self.runtime.install(app).unwrap();
        let new = NewTopic { bundle: app.id(), name, admission: Admission::Invite };
        let (scope, certificate) = (self.keys.device(), self.keys.certificate().unwrap());
        let signer = Signer { scope, certificate };
        self.runtime
            .create_topic(signer, &mut ambient(&mut chance(&mut self.chance)), &new)
            .unwrap()
    }

    pub(super) fn press(
        &mut self,
        topic: TopicId,
        words: &[&str],
    ) -> Result<Pressed, RuntimeError> {
        let viewer = self.keys.certificate().unwrap().person();
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        self.runtime.press(topic, viewer, &mut ambient(&mut chance(&mut self.chance)), &words)
    }

    pub(super) fn complete(
        &mut self,
        token: u64,
        outcome: &Outcome,
    ) -> Result<(TopicId, Pressed), RuntimeError> {
        let viewer = self.keys.certificate().unwrap().person();
        self.runtime.complete(token, outcome, viewer, &mut ambient(&mut chance(&mut self.chance)))
    }

    pub(super) fn view(&mut self, topic: TopicId) -> Result<View, RuntimeError> {
        let viewer = self.keys.certificate().unwrap().person();
        self.runtime.view(topic, viewer, &mut ambient(&mut chance(&mut self.chance)))
    }

    pub(super) fn leave(&mut self, topic: TopicId) {
        self.runtime.leave(topic, self.keys.certificate().unwrap()).unwrap();
    }

    /// What was noted since it was last asked for.
    pub(super) fn noted(&self) -> Vec<String> {
        std::mem::take(&mut self.strings.lock().unwrap().noted)
    }
}

fn chance(drawn: &mut u64) -> impl FnMut(&mut [u8]) {
    move |bytes: &mut [u8]| {
        *drawn += 1;
        bytes.fill(0);
        for (byte, drawn) in bytes.iter_mut().zip(drawn.to_le_bytes()) {
            *byte = drawn;
        }
    }
}

fn ambient<'a>(random: &'a mut dyn FnMut(&mut [u8])) -> Ambient<'a> {
    Ambient { now_ms: 1, random }
}

struct Puppets(Arc<Mutex<Strings>>);

impl Backend for Puppets {
    fn name(&self) -> &'static str {
        "puppets"
    }

    fn version(&self) -> String {
        "1".into()
    }

    fn state_apply(&self, _: Component<'_>) -> Result<Box<dyn StateApply>, BackendError> {
        Ok(Box::new(Accepts))
    }

    fn migrate(&self, _: Component<'_>) -> Result<Box<dyn Migrate>, BackendError> {
        Err(none())
    }

    fn state_propose(&self, _: Component<'_>) -> Result<Box<dyn StatePropose>, BackendError> {
        Err(none())
    }

    fn interaction(&self, _: Component<'_>) -> Result<Box<dyn Interaction>, BackendError> {
        Ok(Box::new(Puppet(Arc::clone(&self.0))))
    }
}

fn none() -> BackendError {
    BackendError::Local { backend: "puppets", cause: "they only show".into() }
}

struct Accepts;

impl StateApply for Accepts {
    fn apply(&mut self, host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict> {
        Returned { host, outcome: Ok(Called { result: Ok(Verdict::Accept), fuel: 1 }) }
    }
}

struct Puppet(Arc<Mutex<Strings>>);

type Host = Box<dyn InteractionHost>;

impl Interaction for Puppet {
    fn render(&mut self, host: Host) -> Returned<Host, ()> {
        let words = self.0.lock().unwrap().render.clone();
        self.does(host, &words)
    }

    fn press(&mut self, host: Host, words: &[String]) -> Returned<Host, ()> {
        self.does(host, words)
    }

    fn complete(&mut self, host: Host, _: u64, outcome: &Outcome) -> Returned<Host, ()> {
        self.0.lock().unwrap().noted.push(format!("{outcome:?}"));
        let words = self.0.lock().unwrap().complete.clone();
        self.does(host, &words)
    }
}

impl Puppet {
    fn does(&self, mut host: Host, words: &[String]) -> Returned<Host, ()> {
        let mut result = Ok(());
        for word in words {
            match one(&mut *host, word) {
                Ok(noted) => self.0.lock().unwrap().noted.extend(noted),
                Err(HostStop::Trap(trap)) => result = Err(Trap::Host(trap)),
                Err(other) => panic!("{other}"),
            }
            if word == "trap" {
                result = Err(Trap::Guest);
            }
        }
        Returned { host, outcome: Ok(Called { result, fuel: 1 }) }
    }
}

/// Does a word, and gives what is to be noted of it.
fn one(host: &mut dyn InteractionHost, word: &str) -> HostResult<Option<String>> {
    let (verb, rest) = word.split_once(' ').unwrap_or((word, ""));
    let operation = match verb {
        "ask" => Operation::Ask { question: rest.into(), value: String::new() },
        "copy" => Operation::Copy { text: rest.into() },
        "open" => Operation::Open { address: rest.into() },
        "propose" => return host.propose(vec![rest.into()]).map(|()| None),
        "keep" => {
            let (key, value) = rest.split_once('=').unwrap();
            let kept = host.kv_set(key.as_bytes(), value.as_bytes())?;
            return Ok(kept.err().map(|refusal| format!("{refusal:?}")));
        }
        "forget" => return host.kv_delete(rest.as_bytes()).map(|()| None),
        "kept" => {
            let value = host.kv_get(rest.as_bytes())?;
            let value = value.map(|value| String::from_utf8(value).unwrap());
            return Ok(Some(value.unwrap_or("nothing".into())));
        }
        "show" => {
            let text = Content::Text(Text { tone: Tone::Plain, text: rest.into() });
            host.show(View { nodes: vec![Node { depth: 0, content: text }] })?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    Ok(host.submit(operation)?.err().map(|refusal| format!("{refusal:?}")))
}

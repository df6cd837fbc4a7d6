//! Wasmtime, with a host that answers from a map and writes down what it was asked.

use std::collections::BTreeMap;

use wasmtime::Result;
use wasmtime::component::{Component, Func, Linker, Val};
use wasmtime::{Config, Store, StoreContextMut};

const EVENT: &str = "myrhiza:kernel/event@1.0.0";
const STATE: &str = "myrhiza:kernel/state@1.0.0";

/// What a guest sees and did.
#[derive(Default)]
struct Host {
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    payload: Vec<u8>,
    seq: u64,
    trace: Vec<String>,
}

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Code and reason of the verdict; `None` if it trapped.
    pub verdict: Option<(u32, Vec<u8>)>,
    /// Fuel left; `None` after a trap, or if the component has no meter.
    pub left: Option<u64>,
    /// The host calls, with their arguments.
    pub trace: Vec<String>,
}

/// An engine with the host's functions.
pub struct Engine {
    engine: wasmtime::Engine,
    linker: Linker<Host>,
}

impl Engine {
    /// An engine with Wasmtime's defaults: 512 KiB of native stack.
    pub fn new() -> Self {
        let engine = wasmtime::Engine::new(&Config::new()).unwrap();
        let mut linker = Linker::<Host>::new(&engine);
        let mut event = linker.instance(EVENT).unwrap();
        event
            .func_wrap("payload", |mut store: StoreContextMut<'_, Host>, (): ()| {
                store.data_mut().trace.push("payload".into());
                Ok((store.data().payload.clone(),))
            })
            .unwrap();
        event
            .func_wrap("seq", |mut store: StoreContextMut<'_, Host>, (): ()| {
                store.data_mut().trace.push("seq".into());
                Ok((store.data().seq,))
            })
            .unwrap();
        let mut state = linker.instance(STATE).unwrap();
        state
            .func_wrap("get", |mut store: StoreContextMut<'_, Host>, (key,): (Vec<u8>,)| {
                store.data_mut().trace.push(format!("get {key:02x?}"));
                Ok((store.data().state.get(&key).cloned(),))
            })
            .unwrap();
        state
            .func_wrap(
                "set",
                |mut store: StoreContextMut<'_, Host>, (key, value): (Vec<u8>, Vec<u8>)| {
                    store.data_mut().trace.push(format!("set {key:02x?} {value:02x?}"));
                    store.data_mut().state.insert(key, value);
                    Ok(())
                },
            )
            .unwrap();
        Self { engine, linker }
    }

    /// A new instance of a `state-apply` component.
    ///
    /// # Errors
    /// What the engine says of the bytes.
    pub fn start(&self, bytes: &[u8]) -> Result<Live> {
        let component = Component::new(&self.engine, bytes)?;
        self.instance(&component)
    }

    /// Whether the engine takes these bytes.
    pub fn takes(&self, bytes: &[u8]) -> bool {
        Component::new(&self.engine, bytes).is_ok()
    }

    /// Compiles a component, to make many instances of.
    ///
    /// # Errors
    /// What the engine says of the bytes.
    pub fn compile(&self, bytes: &[u8]) -> Result<Component> {
        Component::new(&self.engine, bytes)
    }

    /// A new instance.
    ///
    /// # Errors
    /// If it traps at the start, or imports what the host has not.
    pub fn instance(&self, component: &Component) -> Result<Live> {
        let mut store = Store::new(&self.engine, Host::default());
        let instance = self.linker.instantiate(&mut store, component)?;
        let apply = instance.get_func(&mut store, "apply").unwrap();
        let left = instance.get_func(&mut store, "meter-left");
        Ok(Live { store, apply, left })
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// An instance of a `state-apply` component.
pub struct Live {
    store: Store<Host>,
    apply: Func,
    left: Option<Func>,
}

impl Live {
    /// Calls `apply` for an event over an empty state.
    pub fn call(&mut self, seq: u64, payload: &[u8]) -> Outcome {
        let host = self.store.data_mut();
        *host = Host { seq, payload: payload.to_vec(), ..Host::default() };
        let mut results = [Val::Bool(false)];
        let done = self.apply.call(&mut self.store, &[], &mut results);
        let verdict = match (done, &results[0]) {
            (Ok(()), Val::Record(fields)) => Some(verdict(fields)),
            _ => None,
        };
        let left = match &verdict {
            Some(_) => self.left(),
            None => None,
        };
        Outcome { verdict, left, trace: std::mem::take(&mut self.store.data_mut().trace) }
    }

    /// Fuel that was left when the last call ended.
    pub fn left(&mut self) -> Option<u64> {
        let mut results = [Val::Bool(false)];
        self.left?.call(&mut self.store, &[], &mut results).unwrap();
        match results[0] {
            Val::U64(left) => Some(left),
            _ => None,
        }
    }
}

fn verdict(fields: &[(String, Val)]) -> (u32, Vec<u8>) {
    let (mut code, mut reason) = (0, Vec::new());
    for (_, value) in fields {
        match value {
            Val::U32(value) => code = *value,
            Val::List(bytes) => {
                reason = bytes.iter().map(|b| if let Val::U8(b) = b { *b } else { 0 }).collect();
            }
            _ => {}
        }
    }
    (code, reason)
}

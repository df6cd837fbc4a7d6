//! Wasmtime, with a host that answers from a map and writes down what it was asked.

use std::collections::BTreeMap;

use wasmtime::component::{Component, ComponentType, Lift, Linker, TypedFunc};
use wasmtime::{Config, Result, Store, StoreContextMut, Trap};

const EVENT: &str = "myrhiza:kernel/event@1.0.0";
const STATE: &str = "myrhiza:kernel/state@1.0.0";

/// Bytes of native stack that Wasmtime gives a call by default.
pub const NATIVE_STACK: usize = 512 << 10;

#[derive(ComponentType, Lift)]
#[component(record)]
struct Lifted {
    code: u32,
    reason: Vec<u8>,
}

/// What a guest sees and did.
#[derive(Default)]
struct Host {
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    payload: Vec<u8>,
    seq: u64,
    calls: u64,
    /// Host calls; `None` while nobody wants them.
    trace: Option<Vec<String>>,
}

impl Host {
    fn note(&mut self, call: impl FnOnce() -> String) -> Result<()> {
        self.calls += 1;
        if self.calls > 10_000 {
            return Err(wasmtime::format_err!("too many host calls"));
        }
        if let Some(trace) = &mut self.trace {
            trace.push(call());
        }
        Ok(())
    }
}

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Code and reason of the verdict; `None` if it trapped.
    pub verdict: Option<(u32, Vec<u8>)>,
    /// What the engine called the trap.
    pub trap: Option<Trap>,
    /// Fuel left; `None` after a trap, or if the component has no meter.
    pub left: Option<u64>,
    /// The host calls, with their arguments.
    pub trace: Vec<String>,
}

/// An engine with the host's functions.
pub struct Engine {
    engine: wasmtime::Engine,
    linker: Linker<Host>,
    engine_fuel: Option<u64>,
}

impl Engine {
    /// An engine with Wasmtime's default native stack.
    pub fn new() -> Self {
        Self::with(NATIVE_STACK, None)
    }

    /// An engine with so many bytes of native stack, that ends calls without a meter by its own
    /// fuel.
    pub fn with(native_stack: usize, engine_fuel: Option<u64>) -> Self {
        let mut config = Config::new();
        config.concurrency_support(false).max_wasm_stack(native_stack);
        config.consume_fuel(engine_fuel.is_some());
        let engine = wasmtime::Engine::new(&config).unwrap();
        let linker = link(&engine).unwrap();
        Self { engine, linker, engine_fuel }
    }

    /// Whether the engine finds these bytes valid.
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

    /// A new instance of a `state-apply` component.
    ///
    /// # Errors
    /// What the engine says of the bytes, or of what they import.
    pub fn start(&self, bytes: &[u8]) -> Result<Live> {
        self.instance(&self.compile(bytes)?)
    }

    /// A new instance.
    ///
    /// # Errors
    /// If it traps at the start, or imports what the host has not.
    pub fn instance(&self, component: &Component) -> Result<Live> {
        let mut store = Store::new(&self.engine, Host::default());
        if let Some(fuel) = self.engine_fuel {
            store.set_fuel(fuel)?;
        }
        let instance = self.linker.instantiate(&mut store, component)?;
        let apply = instance.get_typed_func(&mut store, "apply")?;
        let left = instance.get_typed_func(&mut store, "meter-left").ok();
        Ok(Live { store, apply, left })
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

fn link(engine: &wasmtime::Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::<Host>::new(engine);
    let mut event = linker.instance(EVENT)?;
    event.func_wrap("payload", |mut store: StoreContextMut<'_, Host>, (): ()| {
        store.data_mut().note(|| "payload".into())?;
        Ok((store.data().payload.clone(),))
    })?;
    event.func_wrap("seq", |mut store: StoreContextMut<'_, Host>, (): ()| {
        store.data_mut().note(|| "seq".into())?;
        Ok((store.data().seq,))
    })?;
    let mut state = linker.instance(STATE)?;
    state.func_wrap("get", |mut store: StoreContextMut<'_, Host>, (key,): (Vec<u8>,)| {
        store.data_mut().note(|| format!("get {key:02x?}"))?;
        Ok((store.data().state.get(&key).cloned(),))
    })?;
    state.func_wrap(
        "set",
        |mut store: StoreContextMut<'_, Host>, (key, value): (Vec<u8>, Vec<u8>)| {
            store.data_mut().note(|| format!("set {key:02x?} {value:02x?}"))?;
            store.data_mut().state.insert(key, value);
            Ok(())
        },
    )?;
    Ok(linker)
}

/// An instance of a `state-apply` component.
pub struct Live {
    store: Store<Host>,
    apply: TypedFunc<(), (Lifted,)>,
    left: Option<TypedFunc<(), (u64,)>>,
}

impl Live {
    /// Calls `apply` for an event over an empty state, recording everything.
    pub fn call(&mut self, seq: u64, payload: &[u8]) -> Outcome {
        let payload = payload.to_vec();
        *self.store.data_mut() = Host { seq, payload, trace: Some(Vec::new()), ..Host::default() };
        let done = self.apply.call(&mut self.store, ());
        let (verdict, trap) = match done {
            Ok((lifted,)) => (Some((lifted.code, lifted.reason)), None),
            Err(error) => (None, error.downcast_ref::<Trap>().copied()),
        };
        let left = if verdict.is_some() { self.left() } else { None };
        Outcome {
            verdict,
            trap,
            left,
            trace: self.store.data_mut().trace.take().unwrap_or_default(),
        }
    }

    /// Calls `apply` again over the state there is, recording nothing.
    ///
    /// # Errors
    /// The trap.
    pub fn again(&mut self) -> Result<u32> {
        self.store.data_mut().calls = 0;
        Ok(self.apply.call(&mut self.store, ())?.0.code)
    }

    /// Fuel that was left when the last call ended.
    pub fn left(&mut self) -> Option<u64> {
        Some(self.left.as_ref()?.call(&mut self.store, ()).unwrap().0)
    }
}

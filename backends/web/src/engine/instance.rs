//! Compiled code, live instances and one call.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::WebAssembly::{Instance, Memory, Module};
use js_sys::{Object, Reflect, Uint8Array};
use myrhiza_kernel_api::{Called, Returned, Trap};
use wasm_bindgen::{JsCast as _, JsValue};

use super::frame::{Shared, expose};
use super::guest::Guest;
use super::js::Core;
use super::link::Linked;
use super::stop::{Ends, Stop, text};
use crate::plan::{CoreFunction, CoreInstance, Export, Item, Lift, Plan};
use crate::pool::{Idle as _, Pool};

/// Compiled code, from which instances are made.
pub(super) struct Compiled {
    plan: Plan,
    modules: Vec<Module>,
}

impl Compiled {
    /// Compiles the core modules of a component that was read. The error is the engine's words.
    pub(super) fn new(plan: Plan, bytes: &[u8]) -> Result<Self, String> {
        let modules = plan.modules.iter().map(|range| {
            let module = Uint8Array::from(bytes.get(range.clone()).unwrap_or_default());
            Module::new(&module).map_err(|thrown| text(&thrown))
        });
        let modules = modules.collect::<Result<_, _>>()?;
        Ok(Self { plan, modules })
    }
}

/// A component that is called through one export, in an instance that lives until a call ends
/// without results, or as long as a pool lets it.
pub(super) struct Callee<H: ?Sized> {
    compiled: Rc<Compiled>,
    fuel: u64,
    live: Rc<RefCell<Option<Live<H>>>>,
    pool: Option<Rc<Pool>>,
}

/// A live instance.
pub(super) struct Live<H: ?Sized> {
    shared: Rc<Shared<H>>,
    entry: Entry,
    others: Vec<(&'static str, Entry)>,
    meter_left: Core,
    /// The host functions it imports: JavaScript's side of each ends with this.
    _imports: Vec<Box<dyn Any>>,
}

/// An exported function, and what goes with it.
struct Entry {
    lift: Lift,
    export: Core,
    post_return: Option<Core>,
}

/// A live instance at one of its exports.
pub(super) struct At<'a, H: ?Sized> {
    live: &'a Live<H>,
    entry: &'a Entry,
}

impl<H: Linked + ?Sized> Callee<H> {
    /// `fuel`: what the instrumentation gives a call.
    pub(super) fn new(compiled: Rc<Compiled>, fuel: u64) -> Self {
        Self { compiled, fuel, live: Rc::default(), pool: None }
    }

    /// One whose instance may end after any call.
    pub(super) fn pooled(compiled: Rc<Compiled>, fuel: u64, pool: Rc<Pool>) -> Self {
        Self { pool: Some(pool), ..Self::new(compiled, fuel) }
    }

    /// Calls the export, in the instance there is or a new one. `call` passes the arguments and
    /// reads the result, and returns with it the word that the export gave.
    pub(super) fn call<R>(
        &mut self,
        host: Box<H>,
        call: impl FnOnce(At<'_, H>, &Guest) -> Ends<(R, Option<u32>)>,
    ) -> Returned<Box<H>, R> {
        self.enter(host, |live| live.run(&live.entry, call))
    }

    /// Calls another export, which gives nothing back, in the same instance. Where there is none of
    /// that name, nothing is called.
    pub(super) fn call_other(
        &mut self,
        name: &str,
        host: Box<H>,
        call: impl FnOnce(At<'_, H>, &Guest) -> Ends<()>,
    ) -> Returned<Box<H>, ()> {
        if !self.compiled.plan.others.iter().any(|(other, _)| *other == name) {
            return Returned::nothing(host);
        }
        self.enter(host, |live| {
            let entry = live.others.iter().find(|(other, _)| *other == name);
            let (_, entry) = entry.ok_or(Stop::Breach)?;
            live.run(entry, |at, guest| Ok((call(at, guest)?, None)))
        })
    }

    fn enter<R>(
        &mut self,
        host: Box<H>,
        run: impl FnOnce(&Live<H>) -> Ends<(R, u64)>,
    ) -> Returned<Box<H>, R> {
        let live = match self.live.take().map_or_else(|| Live::new(&self.compiled), Ok) {
            Ok(live) => live,
            Err(stop) => {
                let outcome = stop.of_instantiation().map(|trap| self.trapped(trap));
                return Returned { host, outcome };
            }
        };
        live.shared.put(host);
        let ended = run(&live);
        #[expect(clippy::expect_used, reason = "a host function that loses it ends this program")]
        let host = live.shared.take().expect("host functions put back what they take");
        let outcome = match ended {
            Ok((result, left)) => {
                self.live.replace(Some(live));
                if let Some(pool) = &self.pool {
                    pool.used(self.live.clone());
                }
                Ok(Called { result: Ok(result), fuel: self.fuel.saturating_sub(left) })
            }
            // The instance is dropped: it was left in mid-call.
            Err(stop) => stop.of_call().map(|trap| self.trapped(trap)),
        };
        Returned { host, outcome }
    }

    /// Ends the instance: the next call gets a new one.
    pub(super) fn end(&mut self) {
        self.live.end();
    }

    fn trapped<R>(&self, trap: Trap) -> Called<R> {
        Called { result: Err(trap), fuel: self.fuel }
    }
}

impl<H: Linked + ?Sized> At<'_, H> {
    /// Calls the core function of the export.
    pub(super) fn export<R>(&self, call: impl FnOnce(&Core) -> Result<R, JsValue>) -> Ends<R> {
        call(&self.entry.export).map_err(|thrown| self.live.shared.stopped(thrown))
    }

    /// The realloc that makes room for arguments.
    pub(super) fn realloc(&self) -> Option<usize> {
        self.entry.lift.realloc
    }
}

impl<H: Linked + ?Sized> Live<H> {
    /// A whole call: arguments, the export, its result, its post-return, and the fuel that is left.
    fn run<R>(
        &self,
        entry: &Entry,
        call: impl FnOnce(At<'_, H>, &Guest) -> Ends<(R, Option<u32>)>,
    ) -> Ends<(R, u64)> {
        let guest = self.shared.guest()?;
        let at = At { live: self, entry };
        let (result, word) = call(at, guest).map_err(|stop| self.original(stop))?;
        if let Some(post_return) = &entry.post_return {
            let ended = guest.kept_in(|| match word {
                Some(word) => post_return.nothing_with(word),
                None => post_return.nothing(),
            });
            ended.map_err(|thrown| self.shared.stopped(thrown))?;
        }
        let left = self.meter_left.long().map_err(|thrown| self.shared.stopped(thrown))?;
        Ok((result, left))
    }

    /// What a realloc threw for an argument can stand for a stop of a host function.
    fn original(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Thrown(thrown) => self.shared.stopped(thrown),
            stop => stop,
        }
    }

    /// Makes an instance, as the plan says.
    fn new(compiled: &Compiled) -> Ends<Self> {
        let shared = Shared::new();
        let mut making = Making { plan: &compiled.plan, instances: Vec::new(), hosts: Vec::new() };
        let mut imports = Vec::new();
        for function in &compiled.plan.functions {
            let CoreFunction::Host { function, words, realloc } = function else {
                making.hosts.push(None);
                continue;
            };
            let import = H::import(*function).ok_or(Stop::Breach)?;
            let exposed = expose(&shared, import, *words, *realloc).ok_or(Stop::Breach)?;
            making.hosts.push(Some(exposed.0));
            imports.push(exposed.1);
        }
        for instance in &compiled.plan.instances {
            let made = making.instance(&compiled.modules, instance);
            making.instances.push(made.map_err(|thrown| shared.stopped(thrown))?);
        }
        let others = compiled.plan.others.iter();
        let others = others.map(|(name, lift)| Ok((*name, making.entry(*lift)?)));
        let live = Self {
            entry: making.entry(compiled.plan.export)?,
            others: others.collect::<Ends<_>>()?,
            meter_left: making.function(compiled.plan.meter_left.function)?,
            shared,
            _imports: imports,
        };
        let memory = compiled.plan.memory.and_then(|index| compiled.plan.memories.get(index));
        let memory = memory.map(|export| making.export(export)).transpose()?;
        let memory = memory.map(Memory::unchecked_from_js);
        let mut reallocs = Vec::new();
        for index in compiled.plan.reallocs() {
            reallocs.push((index, making.function(index)?));
        }
        live.shared.made(Guest::new(memory.as_ref(), reallocs));
        Ok(live)
    }
}

/// An instance in the making.
struct Making<'a> {
    plan: &'a Plan,
    /// What each core instance exports, of those there are.
    instances: Vec<Object>,
    /// The host functions, at the indices of their core functions.
    hosts: Vec<Option<Core>>,
}

impl Making<'_> {
    fn instance(&self, modules: &[Module], instance: &CoreInstance) -> Result<Object, JsValue> {
        let missing = || JsValue::from_str("the plan names what is not there");
        let object = bare();
        match instance {
            CoreInstance::Of { module, imports } => {
                for (name, index) in imports {
                    let given = self.instances.get(*index).ok_or_else(missing)?;
                    Reflect::set(&object, &JsValue::from_str(name), given)?;
                }
                let module = modules.get(*module).ok_or_else(missing)?;
                Ok(Instance::new(module, &object)?.exports())
            }
            CoreInstance::Items(items) => {
                for (name, item) in items {
                    let item = match *item {
                        Item::Function(index) => self.function(index).ok().map(Into::into),
                        Item::Memory(index) => self.exported(self.plan.memories.get(index)),
                        Item::Table(index) => self.exported(self.plan.tables.get(index)),
                        Item::Global(index) => self.exported(self.plan.globals.get(index)),
                    };
                    Reflect::set(&object, &JsValue::from_str(name), &item.ok_or_else(missing)?)?;
                }
                Ok(object)
            }
        }
    }

    fn entry(&self, lift: Lift) -> Ends<Entry> {
        let post_return = lift.post_return.map(|index| self.function(index)).transpose()?;
        Ok(Entry { lift, export: self.function(lift.function)?, post_return })
    }

    fn function(&self, index: usize) -> Ends<Core> {
        match self.plan.functions.get(index) {
            Some(CoreFunction::Export(export)) => self.export(export).map(Core::unchecked_from_js),
            Some(CoreFunction::Host { .. }) => {
                self.hosts.get(index).cloned().flatten().ok_or(Stop::Breach)
            }
            None => Err(Stop::Breach),
        }
    }

    fn exported(&self, export: Option<&Export>) -> Option<JsValue> {
        self.export(export?).ok()
    }

    fn export(&self, export: &Export) -> Ends<JsValue> {
        let exports = self.instances.get(export.instance).ok_or(Stop::Breach)?;
        Reflect::get(exports, &JsValue::from_str(&export.name)).map_err(Stop::Thrown)
    }
}

/// An object without a prototype, so that every name is only a name.
fn bare() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
}

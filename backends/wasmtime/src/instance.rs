//! Compiled code, live instances and one call.

use std::sync::Arc;

use myrhiza_kernel_api::{Called, Returned, Trap};
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Lower, TypedFunc,
};
use wasmtime::{Result, Store};

use crate::outcome;
use crate::slot::Slot;

/// The export the instrumentation adds: the fuel the last call left (`docs/spec/components.md`).
pub(crate) const METER_LEFT: &str = "meter-left";

/// Compiled code with its imports linked, from which instances are made.
pub(crate) struct Compiled<H: ?Sized + 'static> {
    pub(crate) pre: InstancePre<Slot<H>>,
    /// The profile's export.
    pub(crate) export: ComponentExportIndex,
    /// [`METER_LEFT`].
    pub(crate) meter_left: ComponentExportIndex,
}

/// A component that is called through one export, from parameters `P` to results `R`, and seldom
/// through others, in an instance that lives until a call ends without results.
pub(crate) struct Callee<H: ?Sized + 'static, P, R> {
    compiled: Arc<Compiled<H>>,
    fuel: u64,
    live: Option<Live<H, P, R>>,
}

struct Live<H: ?Sized + 'static, P, R> {
    store: Store<Slot<H>>,
    instance: Instance,
    export: TypedFunc<P, R>,
    meter_left: TypedFunc<(), (u64,)>,
}

impl<H, P, R> Callee<H, P, R>
where
    H: ?Sized + 'static,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    /// `fuel`: what the instrumentation gives a call.
    pub(crate) fn new(compiled: Arc<Compiled<H>>, fuel: u64) -> Self {
        Self { compiled, fuel, live: None }
    }

    /// Calls the export, in the instance there is or a new one.
    pub(crate) fn call(&mut self, host: Box<H>, params: P) -> Returned<Box<H>, R> {
        self.enter(host, |live| live.run(params))
    }

    /// Calls another export, which gives nothing back, in the same instance.
    pub(crate) fn call_other<Q>(
        &mut self,
        export: ComponentExportIndex,
        host: Box<H>,
        params: Q,
    ) -> Returned<Box<H>, ()>
    where
        Q: ComponentNamedList + Lower,
    {
        self.enter(host, |live| live.run_other(export, params))
    }

    fn enter<T>(
        &mut self,
        host: Box<H>,
        run: impl FnOnce(&mut Live<H, P, R>) -> Result<(T, u64)>,
    ) -> Returned<Box<H>, T> {
        let mut live = match self.live.take().map_or_else(|| self.compiled.instantiate(), Ok) {
            Ok(live) => live,
            Err(error) => {
                let outcome = outcome::of_instantiation(error).map(|trap| self.trapped(trap));
                return Returned { host, outcome };
            }
        };
        live.store.data_mut().put(host);
        let ended = run(&mut live);
        #[expect(clippy::expect_used, reason = "`slot::host` puts back what it takes in any case")]
        let host = live.store.data_mut().take().expect("host functions put back what they take");
        let outcome = match ended {
            Ok((result, left)) => {
                self.live = Some(live);
                Ok(Called { result: Ok(result), fuel: self.fuel.saturating_sub(left) })
            }
            // The instance is dropped: it was left in mid-call.
            Err(error) => outcome::of_call(error).map(|trap| self.trapped(trap)),
        };
        Returned { host, outcome }
    }

    /// Ends the instance: the next call gets a new one.
    pub(crate) fn end(&mut self) {
        self.live = None;
    }

    fn trapped<T>(&self, trap: Trap) -> Called<T> {
        Called { result: Err(trap), fuel: self.fuel }
    }
}

impl<H: ?Sized + 'static, P, R> Live<H, P, R>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    fn run(&mut self, params: P) -> Result<(R, u64)> {
        let result = self.export.call(&mut self.store, params)?;
        let (left,) = self.meter_left.call(&mut self.store, ())?;
        Ok((result, left))
    }

    fn run_other<Q>(&mut self, export: ComponentExportIndex, params: Q) -> Result<((), u64)>
    where
        Q: ComponentNamedList + Lower,
    {
        let export = self.instance.get_typed_func::<Q, ()>(&mut self.store, export)?;
        export.call(&mut self.store, params)?;
        let (left,) = self.meter_left.call(&mut self.store, ())?;
        Ok(((), left))
    }
}

impl<H: ?Sized + 'static> Compiled<H> {
    fn instantiate<P, R>(&self) -> Result<Live<H, P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let mut store = Store::new(self.pre.engine(), Slot::empty());
        // What a call may pass is the kernel's to limit: Wasmtime's own budget would count by the
        // size of its types.
        store.set_hostcall_fuel(usize::MAX);
        let instance = self.pre.instantiate(&mut store)?;
        let export = instance.get_typed_func(&mut store, self.export)?;
        let meter_left = instance.get_typed_func(&mut store, self.meter_left)?;
        Ok(Live { store, instance, export, meter_left })
    }
}

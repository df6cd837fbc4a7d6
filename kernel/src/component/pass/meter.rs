//! Fuel and stack depth: globals of the main core module, and what ends a call.

use myrhiza_kernel_api::ProfileLimits;
use wasm_encoder::{
    BlockType, ConstExpr, Function, GlobalSection, GlobalType, InstructionSink, ValType,
};
use wasmparser::FuncType;

use super::Refusal;

/// The globals of the meter, and what they start from.
pub(super) struct Meter {
    /// Fuel left, i64; never seen negative but by the check that traps.
    pub(super) fuel: u32,
    /// Stack left, i32.
    pub(super) depth: u32,
    /// Fuel that was left when the last call ended.
    last: u32,
    fuel_limit: i64,
    stack_limit: i32,
}

impl Meter {
    /// Number of globals it has.
    pub(super) const GLOBALS: u32 = 3;

    /// The meter whose globals follow the module's own.
    pub(super) fn after(globals: u32, limits: ProfileLimits) -> Result<Self, Refusal> {
        let unfit = |_| Refusal::unsupported("the profile", "its limits do not fit the meter");
        let fuel_limit = i64::try_from(limits.fuel).map_err(unfit)?;
        let stack_limit = i32::try_from(limits.stack).map_err(unfit)?;
        Ok(Self { fuel: globals, depth: globals + 1, last: globals + 2, fuel_limit, stack_limit })
    }

    pub(super) fn globals(&self, section: &mut GlobalSection) {
        let mut global = |val_type, init: &ConstExpr| {
            section.global(GlobalType { val_type, mutable: true, shared: false }, init);
        };
        global(ValType::I64, &ConstExpr::i64_const(self.fuel_limit));
        global(ValType::I32, &ConstExpr::i32_const(self.stack_limit));
        global(ValType::I64, &ConstExpr::i64_const(self.fuel_limit));
    }

    /// Takes a number of units known beforehand. `scratch` is an i64 local.
    pub(super) fn charge(&self, code: &mut InstructionSink<'_>, units: i64, scratch: u32) {
        if units > 0 {
            code.global_get(self.fuel).i64_const(units);
            self.take(code, scratch);
        }
    }

    /// Takes the units on the stack from the fuel below them; traps if there are not as many.
    pub(super) fn take(&self, code: &mut InstructionSink<'_>, scratch: u32) {
        code.i64_sub().local_tee(scratch).global_set(self.fuel);
        code.local_get(scratch).i64_const(0).i64_lt_s();
        trap_if(code);
    }

    /// Ends a call: keeps what is left for `left`, refills, and lets the memory be reset.
    pub(super) fn end(&self, reset: Option<u32>) -> Function {
        let mut function = Function::new([]);
        let mut code = function.instructions();
        code.global_get(self.fuel).global_set(self.last);
        code.i64_const(self.fuel_limit).global_set(self.fuel);
        code.i32_const(self.stack_limit).global_set(self.depth);
        if let Some(reset) = reset {
            code.call(reset);
        }
        code.end();
        function
    }

    /// Tells the fuel that the last ended call left; all of it before the first.
    pub(super) fn left(&self) -> Function {
        let mut function = Function::new([]);
        function.instructions().global_get(self.last).end();
        function
    }

    /// Takes the frame from the stack that is left, and traps if there is not as much. `keep`: the
    /// function calls others, so they must see it.
    pub(super) fn enter(&self, code: &mut InstructionSink<'_>, frame: i32, keep: Option<u32>) {
        code.global_get(self.depth).i32_const(frame).i32_sub();
        if let Some(scratch) = keep {
            code.local_tee(scratch).global_set(self.depth).local_get(scratch);
        }
        code.i32_const(0).i32_lt_s();
        trap_if(code);
    }

    /// Gives the frame back.
    pub(super) fn leave(&self, code: &mut InstructionSink<'_>, frame: i32) {
        code.global_get(self.depth).i32_const(frame).i32_add().global_set(self.depth);
    }
}

/// Traps if the number on the stack is not 0.
pub(super) fn trap_if(code: &mut InstructionSink<'_>) {
    code.if_(BlockType::Empty).unreachable().end();
}

/// The guest's own way to free a result, and then the end of the call.
pub(super) fn then_end(guest: u32, signature: &FuncType, end: u32) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    for parameter in 0..signature.params().len() as u32 {
        code.local_get(parameter);
    }
    code.call(guest).call(end).end();
    function
}

/// The end of a call whose result needs no freeing.
pub(super) fn just_end(end: u32) -> Function {
    let mut function = Function::new([]);
    function.instructions().call(end).end();
    function
}

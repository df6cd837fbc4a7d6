//! What is told as a failure of this host, and what is not. Admission and the instrumentation keep
//! such components from a backend, so they are made without.

use anyhow::{Result, ensure};
use myrhiza_kernel_api::{Backend, BackendError, Called, Component, Trap, Verdict};

use crate::Outcome;
use crate::guest::{self, Profile};
use crate::host::Recorder;
use crate::rules::Rule;

/// These rules, by name.
pub const RULES: &[(&str, Rule)] = &[
    (
        "an_overflow_of_the_native_stack_decides_nothing",
        an_overflow_of_the_native_stack_decides_nothing,
    ),
    (
        "code_that_traps_while_it_is_instantiated_traps_every_call",
        code_that_traps_while_it_is_instantiated_traps_every_call,
    ),
    (
        "a_host_call_while_it_is_instantiated_is_a_trap",
        a_host_call_while_it_is_instantiated_is_a_trap,
    ),
];

fn apply(backend: &dyn Backend, wat: &str) -> Result<Result<Called<Verdict>, BackendError>> {
    let bytes = guest::unmetered(Profile::StateApply, wat)?;
    let component = Component { id: guest::id(&bytes), bytes: &bytes, fuel: 1 };
    Ok(backend.state_apply(component)?.apply(Box::new(Recorder::new(0))).outcome)
}

/// The engine's stack is not the component's limit.
fn an_overflow_of_the_native_stack_decides_nothing(backend: &dyn Backend) -> Outcome {
    let outcome = apply(
        backend,
        r#"(module (func $down (export "apply") (result i32) (i32.add (call $down) (i32.const 1))))"#,
    )?;
    ensure!(matches!(outcome, Err(BackendError::Local { .. })), "{outcome:?}");
    Ok(())
}

/// What happens before a call happens in every new instance.
fn code_that_traps_while_it_is_instantiated_traps_every_call(backend: &dyn Backend) -> Outcome {
    trapped(apply(
        backend,
        r#"(module (func $start unreachable) (start $start)
            (func (export "apply") (result i32) (i32.const 0)))"#,
    )?)
}

/// There is no event and no state to serve it from.
fn a_host_call_while_it_is_instantiated_is_a_trap(backend: &dyn Backend) -> Outcome {
    trapped(apply(
        backend,
        r#"(module
            (import "myrhiza:kernel/topic-info@1.0.0" "generation" (func $generation (result i32)))
            (func $start (drop (call $generation))) (start $start)
            (func (export "apply") (result i32) (i32.const 0)))"#,
    )?)
}

fn trapped(outcome: Result<Called<Verdict>, BackendError>) -> Outcome {
    let trapped = matches!(outcome, Ok(Called { result: Err(Trap::Guest), fuel: 1 }));
    ensure!(trapped, "{outcome:?}");
    Ok(())
}

//! What is told as a failure of this host, and what is not. Admission and the instrumentation keep
//! such components from a backend, so they are made without.

#![allow(clippy::unwrap_used, reason = "a test")]

use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_backend_kit::host::Recorder;
use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_kernel_api::{Backend, BackendError, Called, Component, Trap, Verdict};

fn apply(wat: &str) -> Result<Called<Verdict>, BackendError> {
    let bytes = guest::unmetered(Profile::StateApply, wat).unwrap();
    let component = Component { id: guest::id(&bytes), bytes: &bytes, fuel: 1 };
    let mut apply = Wasmtime::new().unwrap().state_apply(component).unwrap();
    apply.apply(Box::new(Recorder::new(0))).outcome
}

/// The engine's stack is not the component's limit.
#[test]
fn an_overflow_of_the_native_stack_decides_nothing() {
    let outcome = apply(
        r#"(module (func $down (export "apply") (result i32) (i32.add (call $down) (i32.const 1))))"#,
    );
    assert!(matches!(outcome, Err(BackendError::Local { .. })), "{outcome:?}");
}

/// What happens before a call happens in every new instance.
#[test]
fn code_that_traps_while_it_is_instantiated_traps_every_call() {
    let outcome = apply(
        r#"(module (func $start unreachable) (start $start)
            (func (export "apply") (result i32) (i32.const 0)))"#,
    );
    assert!(matches!(outcome, Ok(Called { result: Err(Trap::Guest), fuel: 1 })), "{outcome:?}");
}

/// There is no event and no state to serve it from.
#[test]
fn a_host_call_while_it_is_instantiated_is_a_trap() {
    let outcome = apply(
        r#"(module
            (import "myrhiza:kernel/topic-info@1.0.0" "generation" (func $generation (result i32)))
            (func $start (drop (call $generation))) (start $start)
            (func (export "apply") (result i32) (i32.const 0)))"#,
    );
    assert!(matches!(outcome, Ok(Called { result: Err(Trap::Guest), fuel: 1 })), "{outcome:?}");
}

//! What things cost, counted by hand from `docs/spec/metering.md`.
#![allow(clippy::unwrap_used)]

use myrhiza_component_tests::{APPLY, Engine, Rules, apply};
use myrhiza_kernel::component::admit;
use myrhiza_kernel_api::Profile;

/// `apply` that does this, then gives an empty verdict.
fn guest(body: &str) -> Vec<u8> {
    apply(&format!(
        r#"(table 4 funcref)
         (func $locals (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64))
         (func (export "apply") (result i32) (local $n i32)
          {body} (call $verdict (i32.const 0) (i32.const 0) (i32.const 0)))"#
    ))
}

fn used(body: &str, rules: Profile) -> u64 {
    let admitted = admit(&guest(body), &rules).unwrap();
    let mut live = Engine::new().start(&admitted.bytes).unwrap();
    admitted.fuel - live.call(0, &[]).left.unwrap()
}

/// Entry of `apply` and the four instructions of the call; entry of `$verdict` and its ten.
const REST: u64 = 1 + 4 + 1 + 10;

/// [METERING-1]
#[test]
fn instructions_cost_what_the_table_says() {
    for (body, cost) in [
        ("", 0),
        ("(nop)", 0),
        ("(drop (i32.const 1))", 2),
        ("(block (drop (i32.const 1)))", 2),
        ("(if (i32.const 1) (then (drop (i32.const 1))) (else (drop (i32.eqz (i32.const 1)))))", 4),
        ("(if (i32.const 0) (then (drop (i32.const 1))) (else (drop (i32.eqz (i32.const 1)))))", 5),
        ("(if (i32.const 0) (then (drop (i32.const 1))))", 2),
        ("(block (br_if 0 (i32.const 0)) (drop (i32.const 1)))", 4),
        ("(block (br_if 0 (i32.const 1)) (drop (i32.const 1)))", 2),
        ("(block (br 0) (drop (i32.const 1)))", 1),
        ("(block (block (br_table 0 1 (i32.const 1))) (drop (i32.const 1)))", 2),
        (
            "(loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3))))",
            21,
        ),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 80))", 4 + 10),
        ("(memory.fill (i32.const 0) (i32.const 1) (i32.const 87))", 4 + 10),
        ("(memory.copy (i32.const 0) (i32.const 1) (i32.const 7))", 4),
        ("(drop (memory.size))", 2),
        ("(drop (memory.grow (i32.const 2)))", 3 + 2 * 8192),
        ("(drop (memory.grow (i32.const -1)))", 3),
        ("(call $locals)", 1 + 1 + 2),
        ("(drop (call $seq))", 2),
    ] {
        assert_eq!(used(body, APPLY), REST + cost, "{body}");
        assert_eq!(used(body, APPLY.lasting()), REST + cost, "without reset: {body}");
    }
    for (body, cost) in [
        ("(table.fill (i32.const 0) (ref.null func) (i32.const 4))", 4 + 4),
        ("(drop (table.grow (ref.null func) (i32.const 3)))", 4 + 3),
        ("(table.set (i32.const 0) (ref.null func))", 3),
    ] {
        assert_eq!(used(body, APPLY.lasting()), REST + cost, "{body}");
    }
}

/// [METERING-2] `apply` holds a local and three operands, and passes three; `$verdict` has three
/// parameters and holds two operands.
#[test]
fn frames_take_what_the_formula_says() {
    let deepest = (64 + 8 * (1 + 3 + 3)) + (64 + 8 * (3 + 2));
    for (stack, ends) in [(deepest, true), (deepest - 1, false)] {
        let admitted = admit(&guest(""), &APPLY.stack(stack)).unwrap();
        let outcome = Engine::new().start(&admitted.bytes).unwrap().call(0, &[]);
        assert_eq!(outcome.verdict.is_some(), ends, "{stack}");
    }
}

//! Components that mean harm: each ends, in time, with nothing broken and nothing carried over.
#![allow(clippy::unwrap_used)]

use myrhiza_component_tests::{APPLY, Engine, NATIVE_STACK, Outcome, Rules, apply};
use myrhiza_kernel::component::admit;
use wasmtime::Trap;

fn instrumented(body: &str) -> Vec<u8> {
    admit(&apply(body), &APPLY).unwrap().bytes
}

/// Runs it as a new instance; every instance must end alike.
fn once(body: &str) -> Outcome {
    let (engine, bytes) = (Engine::new(), instrumented(body));
    let outcome = engine.start(&bytes).unwrap().call(0, b"payload");
    assert_eq!(outcome, engine.start(&bytes).unwrap().call(0, b"payload"));
    outcome
}

fn metered(body: &str) {
    let outcome = once(body);
    assert_eq!(outcome.trap, Some(Trap::UnreachableCodeReached), "{outcome:?}");
}

#[test]
fn an_endless_loop_ends() {
    metered(r#"(func (export "apply") (result i32) (loop $l (br $l)) (unreachable))"#);
    metered(
        r#"(func (export "apply") (result i32) (local i32)
            (loop $l (br_if $l (i32.eqz (local.get 0)))) (i32.const 0))"#,
    );
    metered(
        r#"(func (export "apply") (result i32)
            (loop $l (br_table $l $l (i32.const 0))) (unreachable))"#,
    );
}

/// [METERING-2] A unit covers a byte of native stack twice over: the deepest recursion ends by
/// the meter in half of the stack an engine has by default.
#[test]
fn the_deepest_recursion_ends_by_the_meter_and_not_by_the_engine() {
    let locals = "(local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)";
    let busy: String =
        (0..10).map(|i| format!("(local.set {i} (i64.load offset={i} (i32.const 64)))")).collect();
    let used: String = (0..10).map(|i| format!("(local.get {i}) (i64.xor)")).collect();
    let wide =
        "(param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)";
    let pass: String = (0..16).map(|i| format!("(local.get {i})")).collect();
    let bodies = [
        r#"(func $f (call $f)) (func (export "apply") (result i32) (call $f) (i32.const 0))"#
            .into(),
        r#"(func $f (call $g)) (func $g (call $f))
           (func (export "apply") (result i32) (call $f) (i32.const 0))"#
            .into(),
        r#"(func $f (param i32) (result i32) (i32.add (call $f (local.get 0)) (local.get 0)))
           (func (export "apply") (result i32) (call $f (i32.const 1)))"#
            .into(),
        r#"(table 1 funcref) (elem (i32.const 0) $f) (type $t (func))
           (func $f (call_indirect (type $t) (i32.const 0)))
           (func (export "apply") (result i32) (call $f) (i32.const 0))"#
            .into(),
        format!(
            r#"(func $f (result i64) {locals} {busy} (call $f) {used})
           (func (export "apply") (result i32) (drop (call $f)) (i32.const 0))"#
        ),
        format!(
            r#"(func $f {wide} (i64.add (call $f {pass}) (local.get 3)))
           (func (export "apply") (result i32)
            (drop (call $f {})) (i32.const 0))"#,
            "(i64.const 1)".repeat(16)
        ),
        r#"(func $f (result i32 i32 i32 i32 i32 i32) (call $f))
           (func (export "apply") (result i32) (call $f) (drop) (drop) (drop) (drop) (drop))"#
            .into(),
        r#"(func $f (param i32) (result i32)
            (i32.store (local.get 0) (call $f (i32.add (local.get 0) (i32.const 4))))
            (i32.load (local.get 0)))
           (func (export "apply") (result i32) (call $f (i32.const 0)))"#
            .into(),
        r#"(func $f (param i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 1))
            (call $f (i32.add (local.get 0) (i32.const 1))))
           (func (export "apply") (result i32) (call $f (i32.const 0)) (i32.const 0))"#
            .into(),
    ];
    for body in bodies {
        let body: String = body;
        let engine = Engine::with(NATIVE_STACK / 2, None);
        let outcome = engine.start(&instrumented(&body)).unwrap().call(0, &[]);
        assert_eq!(outcome.trap, Some(Trap::UnreachableCodeReached), "{body}");
    }
}

#[test]
fn memory_ends_at_its_cap() {
    let grown = once(
        r#"(func (export "apply") (result i32) (local $n i32)
            (loop $l
             (local.set $n (i32.add (local.get $n) (i32.const 1)))
             (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
            (call $verdict (memory.size) (i32.const 0) (i32.const 0)))"#,
    );
    assert_eq!(grown.verdict, Some((1024, Vec::new())));
    let filled = once(
        r#"(func (export "apply") (result i32)
            (drop (memory.grow (i32.const 1000)))
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 65000000))
            (i32.const 0))"#,
    );
    assert_eq!(filled.verdict, None, "a filled byte costs fuel");
    let refused = once(
        r#"(func (export "apply") (result i32)
            (call $verdict (memory.grow (i32.const -1)) (i32.const 0) (i32.const 0)))"#,
    );
    assert_eq!(refused.verdict, Some((u32::MAX, Vec::new())));
}

/// [LIMITS-3] What is small to read can be long to compile: as many branches as a function may have end
/// soon, and what has as many as once took minutes is not admitted.
#[test]
fn a_maze_is_compiled_in_time_or_not_admitted() {
    let end = r#"(func (export "apply") (result i32) (unreachable))"#;
    for way in ["(loop)", "(br_if 0 (i32.const 0))", "(if (i32.const 0) (then))"] {
        let maze = format!("(func {}) {end}", way.repeat(4_096));
        let start = std::time::Instant::now();
        Engine::new().compile(&instrumented(&maze)).unwrap();
        assert!(start.elapsed().as_secs() < 60, "{way}: {:?}", start.elapsed());
    }
    for (functions, loops) in [(3, 80_000), (2_000, 80)] {
        let maze = format!("(func {})", "(loop)".repeat(loops)).repeat(functions);
        let refused = admit(&apply(&format!("{maze} {end}")), &APPLY).unwrap_err();
        assert!(refused.to_string().contains("branches"), "{refused}");
    }
}

#[test]
fn host_calls_end() {
    let outcome = once(
        r#"(func (export "apply") (result i32) (loop $l (drop (call $seq)) (br $l)) (unreachable))"#,
    );
    assert_eq!((outcome.verdict, outcome.trace.len()), (None, 10_000));
}

/// [METERING-3] What one call wrote anywhere, the next does not find.
#[test]
fn nothing_is_carried_from_call_to_call() {
    let smuggle = [
        ("memory", "(i32.load (i32.const 512))", "(i32.store (i32.const 512) (i32.const 1))"),
        (
            "the end of a leaf",
            "(i32.load (i32.const 4096))",
            "(i64.store (i32.const 4092) (i64.const -1))",
        ),
        (
            "the first leaf of a page",
            "(i32.load (i32.const 65532))",
            "(i64.store (i32.const 65532) (i64.const -1))",
        ),
        (
            "the last bytes",
            "(i32.load8_u (i32.const 131071))",
            "(i32.store8 (i32.const 131071) (i32.const 1))",
        ),
        (
            "a filled range",
            "(i32.load (i32.const 70000))",
            "(memory.fill (i32.const 3) (i32.const 7) (i32.const 120000))",
        ),
        (
            "a copied range",
            "(i32.load (i32.const 8194))",
            "(memory.copy (i32.const 8190) (i32.const 60) (i32.const 2000))",
        ),
        (
            "data",
            "(i32.ne (i32.load (i32.const 64)) (i32.const 0x61746164))",
            "(i32.store (i32.const 64) (i32.const 0))",
        ),
        (
            "data over data",
            "(i32.ne (i32.load8_u (i32.const 66)) (i32.const 0x74))",
            "(i64.store (i32.const 60) (i64.const -1))",
        ),
        ("a global", "(global.get $g)", "(global.set $g (i32.const 1))"),
        (
            "grown memory",
            "(i32.ne (memory.size) (i32.const 2))",
            "(drop (memory.grow (i32.const 3)))",
        ),
        (
            "bytes of grown memory",
            "(block (result i32) (drop (memory.grow (i32.const 1))) (i32.load (i32.const 131076)))",
            "(i32.store (i32.const 131076) (i32.const 1))",
        ),
        (
            "what the host wrote for realloc",
            "(i32.load (i32.const 65536))",
            "(call $payload (i32.const 32))",
        ),
        (
            "what the host wrote to a return area",
            "(i32.load (i32.const 98304))",
            "(call $payload (i32.const 98304))",
        ),
        (
            "a return area across leaves",
            "(i32.or (i32.load (i32.const 98300)) (i32.load (i32.const 98304)))",
            "(call $payload (i32.const 98300))",
        ),
    ];
    for (what, look, write) in smuggle {
        let body = format!(
            r#"(global $g (mut i32) (i32.const 0)) (data (i32.const 64) "data") (data (i32.const 66) "ta")
             (func (export "apply") (result i32) (local $found i32)
              (local.set $found {look}) {write}
              (call $verdict (local.get $found) (i32.const 0) (i32.const 0)))"#
        );
        let engine = Engine::new();
        let mut live = engine.start(&instrumented(&body)).unwrap();
        let first = live.call(0, b"payload");
        assert_eq!(first.verdict, Some((0, Vec::new())), "{what}");
        for _ in 0..3 {
            assert_eq!(live.call(0, b"payload"), first, "{what}");
        }
        let lasting = admit(&apply(&body), &APPLY.lasting()).unwrap().bytes;
        let mut live = engine.start(&lasting).unwrap();
        let (a, b) = (live.call(0, b"payload"), live.call(0, b"payload"));
        assert_ne!(a.verdict, b.verdict, "{what}: the test must see it where nothing is reset");
    }
}

/// [METERING-3] An access beyond the memory the guest has traps, whatever earlier calls had.
#[test]
fn accesses_beyond_the_memory_trap_whatever_happened_before() {
    for access in [
        "(i32.store (local.get $at) (i32.const 1))",
        "(i32.store8 (local.get $at) (i32.const 1))",
        "(drop (i64.load (local.get $at)))",
        "(drop (i32.load8_u offset=1 (local.get $at)))",
        "(drop (i32.load offset=4294967295 (local.get $at)))",
        "(i64.store offset=4294967292 (local.get $at) (i64.const 1))",
        "(memory.fill (local.get $at) (i32.const 1) (i32.const 1))",
        "(memory.fill (i32.add (local.get $at) (i32.const 1)) (i32.const 1) (i32.const 0))",
        "(memory.copy (i32.const 0) (local.get $at) (i32.const 1))",
        "(memory.copy (local.get $at) (i32.const 0) (i32.const 1))",
        "(call $set (i32.const 0) (i32.const 1) (local.get $at) (i32.const 1))",
        "(call $set (local.get $at) (i32.const 1) (i32.const 0) (i32.const -1))",
        "(call $get (i32.const 0) (i32.const 1) (local.get $at))",
        "(call $payload (i32.sub (local.get $at) (i32.const 4)))",
    ] {
        // seq 1: memory for it is there; seq 0: it is not.
        let body = format!(
            r#"(func (export "apply") (result i32) (local $at i32)
              (local.set $at (i32.const 131072))
              (if (i64.eq (call $seq) (i64.const 1)) (then (drop (memory.grow (i32.const 1)))))
              {access} (call $verdict (i32.const 0) (i32.const 0) (i32.const 0)))"#
        );
        let engine = Engine::new();
        let component = engine.compile(&instrumented(&body)).unwrap();
        let alone = engine.instance(&component).unwrap().call(0, b"x");
        assert_eq!(alone.verdict, None, "{access}");
        let mut live = engine.instance(&component).unwrap();
        live.call(1, b"x");
        if let Some(mut live) = (live.call(1, b"x").verdict.is_some()).then_some(live) {
            assert_eq!(live.call(0, b"x").trace, alone.trace, "{access}");
        }
        let plain = engine.start(&apply(&body)).unwrap().call(0, b"x");
        assert_eq!(plain.verdict, None, "{access}: the original traps too");
    }
}

/// [METERING-4] Pointers a guest hands over are checked by its own code, before any engine follows them.
#[test]
fn bad_pointers_to_the_host_trap() {
    for (what, result) in [
        ("beyond memory", "(i32.const 131072)"),
        ("across the end", "(i32.const 131064)"),
        ("far beyond", "(i32.const -16)"),
        ("not aligned", "(i32.const 18)"),
        (
            "a reason beyond memory",
            "(call $verdict (i32.const 1) (i32.const 131072) (i32.const 1))",
        ),
        ("a reason without end", "(call $verdict (i32.const 1) (i32.const 0) (i32.const -1))"),
        (
            "a reason across the end",
            "(call $verdict (i32.const 1) (i32.const 131071) (i32.const 2))",
        ),
    ] {
        let outcome = once(&format!(r#"(func (export "apply") (result i32) {result})"#));
        assert_eq!(outcome.trap, Some(Trap::UnreachableCodeReached), "{what}: {outcome:?}");
    }
    for (what, place) in [("beyond memory", "200000"), ("across the end", "131070")] {
        let outcome = once(&format!(
            r#"(func (export "apply") (result i32)
              (global.set $heap (i32.const {place})) (call $payload (i32.const 32)) (i32.const 0))"#
        ));
        assert_eq!(outcome.trap, Some(Trap::UnreachableCodeReached), "realloc {what}: {outcome:?}");
    }
}

/// However a guest reaches a host function, what it hands over is checked.
#[test]
fn no_way_to_the_host_goes_around_the_checks() {
    for (what, call) in [
        ("a table", "(call_indirect (type $set) (i32.const 0) (i32.const 1) (i32.const 131072) (i32.const 1) (i32.const 0))"),
        (
            "a reference in a global",
            "(table.set $other (i32.const 0) (global.get $held))
             (call_indirect $other (type $set) (i32.const 0) (i32.const 1) (i32.const 131072) (i32.const 1) (i32.const 0))",
        ),
    ] {
        let body = format!(
            r#"(type $set (func (param i32 i32 i32 i32)))
             (table 1 funcref) (elem (i32.const 0) $set) (table $other 1 funcref)
             (global $held (mut funcref) (ref.func $set))
             (func (export "apply") (result i32) {call} (i32.const 0))"#
        );
        match admit(&apply(&body), &APPLY) {
            Ok(admitted) => {
                let outcome = Engine::new().start(&admitted.bytes).unwrap().call(0, &[]);
                assert_eq!(outcome.trap, Some(Trap::UnreachableCodeReached), "{what}: {outcome:?}");
            }
            Err(findings) => assert!(findings.to_string().contains("changes a table"), "{findings}"),
        }
    }
}

/// [COMPONENTS-6] The budget of a call covers everything done for it, and the next call has it whole.
#[test]
fn every_call_has_the_whole_budget() {
    let body = r#"(func (export "apply") (result i32) (local $n i32)
        (loop $l
         (local.set $n (i32.add (local.get $n) (i32.const 1)))
         (br_if $l (i32.lt_u (local.get $n) (i32.const 1000000))))
        (call $verdict (i32.const 0) (i32.const 0) (i32.const 0)))"#;
    let engine = Engine::new();
    let mut live = engine.start(&instrumented(body)).unwrap();
    let first = live.call(0, &[]);
    assert!(first.left.unwrap() < APPLY.limits.fuel - 5_000_000);
    for _ in 0..3 {
        assert_eq!(live.call(0, &[]), first);
    }
}

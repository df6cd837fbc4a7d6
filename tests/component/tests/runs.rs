//! Instrumented components run as the original does, within their limits.
#![allow(clippy::unwrap_used)]

use myrhiza_component_tests::{APPLY, Engine, apply};
use myrhiza_kernel::component::admit;

/// Reads the payload and a key of the state, writes both, says what it read.
const ECHO: &str = r#"
 (data (i32.const 64) "counter")
 (func (export "apply") (result i32)
  (call $payload (i32.const 32))
  (call $get (i32.const 64) (i32.const 7) (i32.const 48))
  (call $set (i32.const 64) (i32.const 7) (i32.load (i32.const 32)) (i32.load (i32.const 36)))
  (call $get (i32.const 64) (i32.const 7) (i32.const 48))
  (call $verdict (i32.load8_u (i32.const 48)) (i32.load (i32.const 52)) (i32.load (i32.const 56))))
"#;

#[test]
fn an_instrumented_component_computes_what_the_original_does() {
    let engine = Engine::new();
    let original = apply(ECHO);
    let admitted = admit(&original, &APPLY).unwrap();
    assert_eq!(admitted.imports, ["myrhiza:kernel/event@1.0.0", "myrhiza:kernel/state@1.0.0"]);
    let mut metered = engine.start(&admitted.bytes).unwrap();
    assert_eq!(metered.left(), Some(admitted.fuel));
    for payload in [&b"one"[..], b"", b"three"] {
        let mut plain = engine.start(&original).unwrap();
        let (a, b) = (metered.call(7, payload), plain.call(7, payload));
        assert_eq!((&a.verdict, &a.trace), (&b.verdict, &b.trace));
        assert_eq!(a.verdict, Some((1, payload.to_vec())));
        assert!(a.left.unwrap() < admitted.fuel);
    }
}

#[test]
fn the_pass_is_a_function_of_the_bytes() {
    let original = apply(ECHO);
    assert_eq!(admit(&original, &APPLY), admit(&original, &APPLY));
}

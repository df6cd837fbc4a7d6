//! Core modules made into components, with the real canonical ABI around them.

pub use myrhiza_random_components::{WIT, wrap};

/// What every `state-apply` guest of these tests starts from: imports, two pages of memory, an
/// allocator that only goes up, and `$verdict`, which lays a verdict out.
const PRELUDE: &str = r#"
 (import "myrhiza:kernel/event@1.0.0" "payload" (func $payload (param i32)))
 (import "myrhiza:kernel/event@1.0.0" "seq" (func $seq (result i64)))
 (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
 (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
 (memory (export "memory") 2)
 (global $heap (mut i32) (i32.const 65536))
 (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (local $place i32)
  (local.set $place (i32.and
   (i32.add (global.get $heap) (i32.sub (local.get 2) (i32.const 1)))
   (i32.sub (i32.const 0) (local.get 2))))
  (global.set $heap (i32.add (local.get $place) (local.get 3)))
  (local.get $place))
 (func $verdict (param $code i32) (param $at i32) (param $len i32) (result i32)
  (i32.store (i32.const 16) (local.get $code))
  (i32.store (i32.const 20) (local.get $at))
  (i32.store (i32.const 24) (local.get $len))
  (i32.const 16))
"#;

/// A `state-apply` component with this in its core module, beside the prelude.
pub fn apply(body: &str) -> Vec<u8> {
    component("state-apply", &format!("(module {PRELUDE} {body})"))
}

/// The component of a world whose core module is this text.
pub fn component(world: &str, wat: &str) -> Vec<u8> {
    wrap(world, wat::parse_str(wat).unwrap())
}

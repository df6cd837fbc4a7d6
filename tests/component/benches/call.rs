//! What one call with a state `get` and `set` costs, by how it is run; and what the pass costs.
#![allow(clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use myrhiza_component_tests::{APPLY, Engine, Rules, apply};
use myrhiza_kernel::component::admit;

const GUEST: &str = r#"
 (data (i32.const 64) "counter")
 (func (export "cabi_post_apply") (param i32) (global.set $heap (i32.const 65536)))
 (func (export "apply") (result i32)
  (call $get (i32.const 64) (i32.const 7) (i32.const 48))
  (if (i32.load8_u (i32.const 48))
   (then (i64.store (i32.const 80) (i64.add (i64.load (i32.load (i32.const 52))) (i64.const 1)))))
  (call $set (i32.const 64) (i32.const 7) (i32.const 80) (i32.const 8))
  (call $verdict (i32.const 0) (i32.const 0) (i32.const 0)))
"#;

/// Stores and loads over 64 KiB, ten times.
const CHURN: &str = r#"
 (func (export "cabi_post_apply") (param i32))
 (func (export "apply") (result i32) (local $at i32) (local $round i32) (local $sum i64)
  (loop $again
   (local.set $at (i32.const 4096))
   (loop $next
    (local.set $sum (i64.add (local.get $sum) (i64.load (local.get $at))))
    (i64.store (local.get $at) (local.get $sum))
    (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
   (br_if $again (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 10))))
  (call $verdict (i32.wrap_i64 (local.get $sum)) (i32.const 0) (i32.const 0)))
"#;

fn calls(criterion: &mut Criterion) {
    let engine = Engine::new();
    for (name, guest) in [("get-set", GUEST), ("churn", CHURN)] {
        let original = apply(guest);
        let metered = admit(&original, &APPLY.lasting()).unwrap().bytes;
        let reset = admit(&original, &APPLY).unwrap().bytes;
        println!(
            "{name}: {} bytes, metered {}, with reset {}",
            original.len(),
            metered.len(),
            reset.len()
        );
        let mut group = criterion.benchmark_group(name);
        for (how, bytes) in [("original", &original), ("metered", &metered), ("reset", &reset)] {
            let mut live = engine.start(bytes).unwrap();
            group.bench_function(how, |b| b.iter(|| live.again().unwrap()));
        }
        let mut live = engine.start(&reset).unwrap();
        group.bench_function("reset, fuel asked", |b| {
            b.iter(|| (live.again().unwrap(), live.left()));
        });
        let component = engine.compile(&reset).unwrap();
        group.bench_function("new instance", |b| {
            b.iter(|| engine.instance(&component).unwrap().again().unwrap());
        });
        group.bench_function("pass", |b| b.iter(|| admit(&original, &APPLY).unwrap()));
        group.finish();
    }
}

criterion_group!(benches, calls);
criterion_main!(benches);

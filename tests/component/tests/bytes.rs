//! Bytes that are nearly a component: nothing panics, and nothing invalid is admitted.
//!
//! `MYRHIZA_ROUNDS` sets how many.
#![allow(clippy::unwrap_used)]

use myrhiza_component_tests::{APPLY, Engine, Rules, apply, rounds};
use myrhiza_kernel::component::{admit, inspect};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const GUEST: &str = r#"
 (global $g (mut i64) (i64.const 5)) (data (i32.const 64) "counter") (data "passive")
 (table 2 funcref) (elem (i32.const 0) $f $f)
 (func $f (param i32) (result i32) (i32.load offset=4 (local.get 0)))
 (func (export "cabi_post_apply") (param i32) (global.set $g (i64.const 1)))
 (func (export "apply") (result i32) (local i64)
  (call $payload (i32.const 32))
  (call $get (i32.const 64) (i32.const 7) (i32.const 48))
  (memory.init 1 (i32.const 256) (i32.const 0) (i32.const 7))
  (call $set (i32.const 64) (i32.const 7) (i32.load (i32.const 32)) (i32.load (i32.const 36)))
  (call $verdict (call_indirect (param i32) (result i32) (i32.const 32) (i32.const 1))
   (i32.const 0) (memory.grow (i32.const 0))))
"#;

fn judged(engine: &Engine, bytes: &[u8], compiled: &mut u64) {
    for rules in [APPLY, APPLY.lasting()] {
        let inspection = inspect(bytes, Some(&rules));
        match admit(bytes, &rules) {
            Ok(admitted) => {
                assert!(inspection.findings.is_empty());
                if *compiled > 0 {
                    *compiled -= 1;
                    assert!(engine.takes(&admitted.bytes));
                }
            }
            Err(findings) => assert_eq!(findings.0, inspection.findings),
        }
    }
}

#[test]
fn truncations_are_refused() {
    let (engine, whole) = (Engine::new(), apply(GUEST));
    admit(&whole, &APPLY).unwrap();
    for length in 0..whole.len() {
        judged(&engine, &whole[..length], &mut 0);
        // Only what comes after the last export may be missing: it decides nothing.
        let admitted = admit(&whole[..length], &APPLY);
        assert!(admitted.is_err() || whole[length..].starts_with(&[0]), "{length}");
    }
}

#[test]
fn flipped_bytes_never_panic_and_never_pass_what_an_engine_refuses() {
    let (engine, whole) = (Engine::new(), apply(GUEST));
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut compiled = rounds(100);
    for _ in 0..rounds(100) * 25 {
        let mut bytes = whole.clone();
        for _ in 0..1 + random.next_u32() % 3 {
            let at = random.next_u32() as usize % bytes.len();
            bytes[at] = match random.next_u32() % 3 {
                0 => bytes[at] ^ (1 << (random.next_u32() % 8)),
                1 => random.next_u32() as u8,
                _ => [0, 1, 0x7f, 0x80, 0xff][random.next_u32() as usize % 5],
            };
        }
        judged(&engine, &bytes, &mut compiled);
    }
}

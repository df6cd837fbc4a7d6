;; profile: state-apply
;; calls: 0 1 0 2 0 3 0
;;
;; Recursion: 0 of a hundred frames, 1 without end, 2 without end through a table, 3 without end with
;; seventeen locals a frame. All meet the limit of the value stack before the engine's own.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (type $down (func (param i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $through)
  (func $plain (type $down)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (call $plain (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $through (type $down)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add
      (call_indirect (type $down) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))
      (i32.const 1)))
  (func $wide (type $down)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local.set 1 (i64.extend_i32_u (local.get 0)))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add
      (i32.add
        (call $wide (i32.sub (local.get 0) (i32.const 1)))
        (call $wide (i32.sub (local.get 0) (i32.const 2))))
      (i32.wrap_i64 (i64.add (local.get 1) (local.get 2)))))
  (func (export "apply") (result i32)
    (local $variant i32)
    (local.set $variant (call $variant))
    (if (i32.eqz (local.get $variant)) (then (drop (call $plain (i32.const 100)))))
    (if (i32.eq (local.get $variant) (i32.const 1)) (then (drop (call $plain (i32.const -1)))))
    (if (i32.eq (local.get $variant) (i32.const 2)) (then (drop (call $through (i32.const -1)))))
    (if (i32.eq (local.get $variant) (i32.const 3)) (then (drop (call $wide (i32.const -1)))))
    (i32.const 1024)))

;; Counts the events of each payload: one read and one write of the state, under the payload as key.
(module
  (import "myrhiza:kernel/event@1.0.0" "payload" (func $payload (param i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (func (export "apply") (result i32)
    (local $key i32) (local $len i32)
    ;; nothing else empties heap and count of a live instance
    (global.set $heap (i32.const 65536))
    (i64.store (i32.const 1072) (i64.const 0))
    (call $payload (i32.const 1040))
    (local.set $key (i32.load (i32.const 1040)))
    (local.set $len (i32.load (i32.const 1044)))
    (call $get (local.get $key) (local.get $len) (i32.const 1056))
    (if (i32.load8_u (i32.const 1056))
      (then (i64.store (i32.const 1072) (i64.load align=1 (i32.load (i32.const 1060))))))
    (i64.store (i32.const 1072) (i64.add (i64.load (i32.const 1072)) (i64.const 1)))
    (call $set (local.get $key) (local.get $len) (i32.const 1072) (i32.const 8))
    (i32.const 1024)))

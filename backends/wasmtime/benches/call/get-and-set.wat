;; Counts under one key of 32 bytes: what an event of the counter app does, without its codec.
(module
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (func (export "apply") (result i32)
    ;; nothing else empties the heap of a live instance
    (global.set $heap (i32.const 65536))
    (call $get (i32.const 16) (i32.const 32) (i32.const 1040))
    (if (i32.load8_u (i32.const 1040))
      (then (i64.store (i32.const 1056) (i64.load align=1 (i32.load (i32.const 1044))))))
    (i64.store (i32.const 1056) (i64.add (i64.load (i32.const 1056)) (i64.const 1)))
    (call $set (i32.const 16) (i32.const 32) (i32.const 1056) (i32.const 8))
    (i32.const 1024))
  (data (i32.const 16) "0123456789abcdef0123456789abcdef"))

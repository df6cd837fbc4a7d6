;; profile: state-apply
;; calls: 0 0 1 0 2 0 0
;;
;; Each call logs what memory and globals hold, and leaves marks for the next in every way it can:
;; single stores of each width, bulk stores, over data, in grown pages, on the heap through a value
;; that the host puts there, in a global. 1 then traps, 2 rejects. No call may find a mark.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/event@1.0.0" "payload" (func $payload (param i32)))
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (global $mark (mut i64) (i64.const 7))
  (func (export "apply") (result i32)
    (local $variant i32)
    (local.set $variant (call $variant))
    (i64.store (i32.const 16) (global.get $mark))
    (i32.store (i32.const 24) (memory.size))
    (i32.store (i32.const 28) (global.get $heap))
    (call $log (i32.const 2) (i32.const 16) (i32.const 16))
    (call $log (i32.const 2) (i32.const 2048) (i32.const 40))
    (call $log (i32.const 2) (i32.const 8192) (i32.const 40))
    (call $log (i32.const 2) (i32.const 65536) (i32.const 40))
    (call $log (i32.const 2) (i32.const 0x1fff0) (i32.const 16))
    (drop (memory.grow (i32.const 1)))
    (call $log (i32.const 2) (i32.const 0x20000) (i32.const 40))

    (global.set $mark (i64.add (global.get $mark) (i64.const 1)))
    (i32.store8 (i32.const 2048) (i32.const 0xa1))
    (i32.store16 (i32.const 2050) (i32.const 0xa2a2))
    (i32.store (i32.const 2052) (i32.const 0xa3a3a3a3))
    (i64.store8 (i32.const 2056) (i64.const 0xa4))
    (i64.store16 (i32.const 2058) (i64.const 0xa5a5))
    (i64.store32 (i32.const 2060) (i64.const 0xa6a6a6a6))
    (i64.store align=1 (i32.const 2065) (i64.const 0xa7a7a7a7a7a7a7a7))
    (memory.fill (i32.const 8192) (i32.const 0xa8) (i32.const 20))
    (memory.copy (i32.const 8212) (i32.const 2048) (i32.const 20))
    (i64.store (i32.const 0x1fff8) (i64.const -1))
    (memory.fill (i32.const 0x20000) (i32.const 0xa9) (i32.const 0x10000))
    (call $payload (i32.const 1040))
    (if (i32.eq (local.get $variant) (i32.const 1)) (then (unreachable)))
    (i32.store (i32.const 1024) (local.get $variant))
    (i32.const 1024))
  (data (i32.const 2048) "data that a call writes over"))

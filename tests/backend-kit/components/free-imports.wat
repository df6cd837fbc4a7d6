;; profile: state-propose
;; calls: 0
;;
;; `state-view`, `clock` and `random`; what comes back goes to the log.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "myrhiza:kernel/state-view@1.0.0" "get" (func $get (param i32 i32 i32)))
  (import "myrhiza:kernel/state-view@1.0.0" "scan" (func $scan (param i32 i32 i32 i32 i32 i32)))
  (import "myrhiza:kernel/clock@1.0.0" "now" (func $now (result i64)))
  (import "myrhiza:kernel/random@1.0.0" "bytes" (func $random (param i32 i32)))
  (func (export "propose") (param i32 i32) (result i32)
    (call $get (i32.const 16) (i32.const 1) (i32.const 1040))
    (call $log (i32.load8_u (i32.const 1040)) (i32.load (i32.const 1044)) (i32.load (i32.const 1048)))
    (call $scan (i32.const 16) (i32.const 1) (i32.const 18) (i32.const 1) (i32.const 10) (i32.const 1040))
    (call $log (i32.const 2) (i32.load (i32.const 1040)) (i32.load (i32.const 1044)))
    (i64.store (i32.const 1040) (call $now))
    (call $log (i32.const 2) (i32.const 1040) (i32.const 8))
    (call $random (i32.const 20) (i32.const 1040))
    (call $log (i32.const 2) (i32.load (i32.const 1040)) (i32.load (i32.const 1044)))
    (i32.const 1024))
  (data (i32.const 16) "abc"))

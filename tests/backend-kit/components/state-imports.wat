;; profile: state-apply
;; calls: 0
;;
;; Every function of `state`; what comes back goes to the log.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "delete" (func $delete (param i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "scan" (func $scan (param i32 i32 i32 i32 i32 i32)))
  (func (export "apply") (result i32)
    ;; there, there and empty, not there
    (call $get (i32.const 16) (i32.const 1) (i32.const 1040))
    (call $log (i32.load8_u (i32.const 1040)) (i32.load (i32.const 1044)) (i32.load (i32.const 1048)))
    (call $get (i32.const 17) (i32.const 1) (i32.const 1040))
    (call $log (i32.load8_u (i32.const 1040)) (i32.load (i32.const 1044)) (i32.load (i32.const 1048)))
    (call $get (i32.const 18) (i32.const 1) (i32.const 1040))
    (call $log (i32.load8_u (i32.const 1040)) (i32.const 0) (i32.const 0))
    ;; written and deleted
    (call $set (i32.const 18) (i32.const 2) (i32.const 20) (i32.const 5))
    (call $delete (i32.const 16) (i32.const 1))
    (call $scan (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 10) (i32.const 1040))
    (call $log (i32.const 2) (i32.load (i32.const 1040)) (i32.load (i32.const 1044)))
    ;; bounds and limit
    (call $scan (i32.const 18) (i32.const 1) (i32.const 19) (i32.const 1) (i32.const 10) (i32.const 1040))
    (call $scan (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1040))
    (call $log (i32.const 3) (i32.load (i32.const 1040)) (i32.load (i32.const 1044)))
    (i32.const 1024))
  (data (i32.const 16) "abcdvalue"))

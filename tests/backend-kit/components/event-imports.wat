;; profile: state-apply
;; calls: 0 4294967295
;;
;; Every field of the event; what comes back goes to the log.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "myrhiza:kernel/event@1.0.0" "id" (func $id (param i32)))
  (import "myrhiza:kernel/event@1.0.0" "person" (func $person (param i32)))
  (import "myrhiza:kernel/event@1.0.0" "scope" (func $scope (param i32)))
  (import "myrhiza:kernel/event@1.0.0" "scope-kind" (func $scope-kind (result i32)))
  (import "myrhiza:kernel/event@1.0.0" "seq" (func $seq (result i64)))
  (import "myrhiza:kernel/event@1.0.0" "height" (func $height (result i64)))
  (import "myrhiza:kernel/event@1.0.0" "hlc" (func $hlc (result i64)))
  (import "myrhiza:kernel/event@1.0.0" "generation" (func $generation (result i32)))
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/event@1.0.0" "payload" (func $payload (param i32)))
  (func $log-list
    (call $log (i32.const 2) (i32.load (i32.const 1040)) (i32.load (i32.const 1044))))
  (func $log-number (param i64)
    (i64.store (i32.const 1040) (local.get 0))
    (call $log (i32.const 2) (i32.const 1040) (i32.const 8)))
  (func (export "apply") (result i32)
    (call $id (i32.const 1040)) (call $log-list)
    (call $person (i32.const 1040)) (call $log-list)
    (call $scope (i32.const 1040)) (call $log-list)
    (call $log-number (i64.extend_i32_u (call $scope-kind)))
    (call $log-number (call $seq))
    (call $log-number (call $height))
    (call $log-number (call $hlc))
    (call $log-number (i64.extend_i32_u (call $generation)))
    (call $log-number (i64.extend_i32_u (call $variant)))
    (call $payload (i32.const 1040)) (call $log-list)
    (i32.const 1024)))

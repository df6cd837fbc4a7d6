;; profile: state-apply
;; calls: 0 1 0
;; stop: state.get local
;;
;; A host that fails decides nothing, and the next call is a call like any other.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (func (export "apply") (result i32)
    (if (call $variant) (then (call $get (i32.const 16) (i32.const 1) (i32.const 1040))))
    (i32.const 1024))
  (data (i32.const 16) "a"))

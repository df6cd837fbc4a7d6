;; profile: state-apply
;; calls: 0 1 0
;; value: big 70000000
;;
;; A list from the host that is larger than the memory may be is the component's trap.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (func (export "apply") (result i32)
    (if (call $variant) (then (call $get (i32.const 16) (i32.const 3) (i32.const 1040))))
    (i32.const 1024))
  (data (i32.const 16) "big"))

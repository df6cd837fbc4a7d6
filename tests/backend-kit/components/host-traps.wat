;; profile: state-apply
;; calls: 0 1 0
;; stop: state.set Value
;;
;; The rule of a host call that the component broke is told.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (func (export "apply") (result i32)
    (if (call $variant)
      (then (call $set (i32.const 16) (i32.const 1) (i32.const 16) (i32.const 5))))
    (i32.const 1024))
  (data (i32.const 16) "abcde"))

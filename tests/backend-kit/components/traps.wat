;; profile: state-apply
;; calls: 0 1 0 2 0 3 0 4 0 5 0 6 0 7 0 8 0 9 0 10 0
;;
;; Each way a component traps by itself, and an accepting call after each. A call that does not trap
;; writes a line to the state first, so that one can see it ran.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (type $none (func))
  (type $one (func (param i32)))
  (table 4 funcref)
  (elem (i32.const 1) $nothing)
  (func $nothing)
  (func (export "apply") (result i32)
    (local $variant i32)
    (local.set $variant (call $variant))
    (call $set (i32.const 16) (i32.const 3) (i32.const 19) (i32.const 2))
    (if (i32.eq (local.get $variant) (i32.const 1)) (then (unreachable)))
    (if (i32.eq (local.get $variant) (i32.const 2))
      (then (drop (i32.load (i32.const 0x7ffffff0)))))
    (if (i32.eq (local.get $variant) (i32.const 3))
      (then (drop (i32.div_u (i32.const 1) (i32.load (i32.const 1024))))))
    (if (i32.eq (local.get $variant) (i32.const 4))
      (then
        (drop (i32.div_s (i32.const 0x80000000) (i32.sub (i32.load (i32.const 1024)) (i32.const 1))))))
    (if (i32.eq (local.get $variant) (i32.const 5))
      (then (drop (i64.rem_s (i64.const 1) (i64.load (i32.const 1024))))))
    (if (i32.eq (local.get $variant) (i32.const 6))
      (then (call_indirect (type $none) (i32.const 2))))
    (if (i32.eq (local.get $variant) (i32.const 7))
      (then (call_indirect (type $none) (i32.const 9))))
    (if (i32.eq (local.get $variant) (i32.const 8))
      (then (call_indirect (type $one) (i32.const 5) (i32.const 1))))
    (if (i32.eq (local.get $variant) (i32.const 9))
      (then (memory.fill (i32.const 0x1fff0) (i32.const 1) (i32.const 17))))
    ;; Just past the two pages there are, within the pages there could be.
    (if (i32.eq (local.get $variant) (i32.const 10))
      (then (i32.store (i32.const 0x1fffd) (i32.const 1))))
    (i32.const 1024))
  (data (i32.const 16) "keyok"))

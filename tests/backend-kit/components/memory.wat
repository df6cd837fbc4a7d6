;; profile: state-apply
;; calls: 0 1 0 2 0 3 0 4 0
;;
;; Growing memory; the size before, what `memory.grow` said and the size after go to the log. 0 grows
;; by nothing, 1 by one page and writes its last byte, 2 by more than there may be, 3 as far as it
;; may and writes the very last byte, 4 as far as it may and writes one byte more.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (func (export "apply") (result i32)
    (local $variant i32)
    (local.set $variant (call $variant))
    (i32.store (i32.const 16) (memory.size))
    (if (i32.eqz (local.get $variant))
      (then (i32.store (i32.const 20) (memory.grow (i32.const 0)))))
    (if (i32.eq (local.get $variant) (i32.const 1))
      (then
        (i32.store (i32.const 20) (memory.grow (i32.const 1)))
        (i32.store8 (i32.const 0x2ffff) (i32.const 1))))
    (if (i32.eq (local.get $variant) (i32.const 2))
      (then (i32.store (i32.const 20) (memory.grow (i32.const 1023)))))
    (if (i32.ge_u (local.get $variant) (i32.const 3))
      (then
        (i32.store (i32.const 20) (memory.grow (i32.const 1022)))
        (i32.store8 (i32.const 0x3ffffff) (i32.const 1))))
    (i32.store (i32.const 24) (memory.size))
    (call $log (i32.const 2) (i32.const 16) (i32.const 12))
    (if (i32.eq (local.get $variant) (i32.const 4))
      (then (i32.store8 (i32.const 0x4000000) (i32.const 1))))
    (i32.const 1024)))

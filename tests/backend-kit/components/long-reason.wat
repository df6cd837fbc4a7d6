;; profile: state-apply
;; calls: 0 1 2 3 4 5
;;
;; Reasons of 2,000 bytes: as many `x` as the variant says, then euro signs of three bytes each, so
;; that the limit falls on each place of a character. 5: bytes that are never UTF-8.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (func (export "apply") (result i32)
    (local $variant i32) (local $at i32)
    (local.set $variant (call $variant))
    (memory.fill (i32.const 4096) (i32.const 0x78) (local.get $variant))
    (local.set $at (i32.add (i32.const 4096) (local.get $variant)))
    (loop $more
      (i32.store (local.get $at) (i32.const 0xac82e2))
      (local.set $at (i32.add (local.get $at) (i32.const 3)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 6096))))
    (if (i32.eq (local.get $variant) (i32.const 5))
      (then (memory.fill (i32.const 4096) (i32.const 0xff) (i32.const 2000))))
    (i32.store (i32.const 1024) (i32.const 1))
    (i32.store (i32.const 1028) (i32.const 4096))
    (i32.store (i32.const 1032) (i32.const 2000))
    (i32.const 1024)))

;; profile: state-apply
;; calls: 0 1 0 2 0 3 0 4 0 5 0 6 0 7 0 8 0 9 0 10 0 11 0 12 0 13 0 14 0
;;
;; Pointers and lengths that leave the memory or are not aligned, in each direction across the
;; boundary. 0, 13 and 14 accept: empty lists at the very end of memory are within it.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (func (export "apply") (result i32)
    (local $variant i32)
    (local.set $variant (call $variant))
    ;; the key is out of memory
    (if (i32.eq (local.get $variant) (i32.const 1))
      (then (call $get (i32.const 0x7fff0000) (i32.const 4) (i32.const 1040))))
    ;; its length is
    (if (i32.eq (local.get $variant) (i32.const 2))
      (then (call $get (i32.const 16) (i32.const 0xffffffff) (i32.const 1040))))
    ;; their sum wraps
    (if (i32.eq (local.get $variant) (i32.const 3))
      (then (call $get (i32.const 0xfffffff0) (i32.const 0x20) (i32.const 1040))))
    ;; the return area is not aligned
    (if (i32.eq (local.get $variant) (i32.const 4))
      (then (call $get (i32.const 16) (i32.const 1) (i32.const 1041))))
    ;; the return area ends past the two pages
    (if (i32.eq (local.get $variant) (i32.const 5))
      (then (call $get (i32.const 16) (i32.const 1) (i32.const 0x1fff8))))
    ;; the value is put out of memory
    (if (i32.eq (local.get $variant) (i32.const 6))
      (then
        (global.set $realloc-to (i32.const 0x7fff0000))
        (call $get (i32.const 16) (i32.const 1) (i32.const 1040))))
    ;; the value ends past the two pages
    (if (i32.eq (local.get $variant) (i32.const 7))
      (then
        (global.set $realloc-to (i32.const 0x1fffe))
        (call $get (i32.const 16) (i32.const 1) (i32.const 1040))))
    ;; the verdict is not aligned
    (if (i32.eq (local.get $variant) (i32.const 8)) (then (return (i32.const 1025))))
    ;; the verdict ends past the two pages
    (if (i32.eq (local.get $variant) (i32.const 9)) (then (return (i32.const 0x1fff8))))
    ;; the reason is out of memory
    (if (i32.eq (local.get $variant) (i32.const 10))
      (then
        (i32.store (i32.const 1024) (i32.const 1))
        (i32.store (i32.const 1028) (i32.const 0x7fff0000))
        (i32.store (i32.const 1032) (i32.const 1))))
    ;; its length is
    (if (i32.eq (local.get $variant) (i32.const 11))
      (then
        (i32.store (i32.const 1024) (i32.const 1))
        (i32.store (i32.const 1028) (i32.const 16))
        (i32.store (i32.const 1032) (i32.const 0xffffffff))))
    ;; an empty key beyond the end
    (if (i32.eq (local.get $variant) (i32.const 12))
      (then (call $get (i32.const 0x20001) (i32.const 0) (i32.const 1040))))
    ;; an empty key at the end
    (if (i32.eq (local.get $variant) (i32.const 13))
      (then (call $get (i32.const 0x20000) (i32.const 0) (i32.const 1040))))
    ;; an empty value at the end
    (if (i32.eq (local.get $variant) (i32.const 14))
      (then
        (global.set $realloc-to (i32.const 0x20000))
        (call $get (i32.const 17) (i32.const 1) (i32.const 1040))))
    (i32.const 1024))
  (data (i32.const 16) "ab"))

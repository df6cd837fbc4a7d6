;; profile: state-apply
;; calls: 0 1 0 2 0 3 4 5 0
;;
;; Calls without end, and what calls cost. 0 does nothing, 1 loops for ever, 2 loops for ever in
;; `cabi_realloc`, while the host passes a value. 3 loops a hundred times, 4 fills 1 MB at once,
;; 5 gets a value.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (func (export "apply") (result i32)
    (local $variant i32) (local $left i32)
    (local.set $variant (call $variant))
    (if (i32.eq (local.get $variant) (i32.const 1)) (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $variant) (i32.const 2))
      (then
        (global.set $realloc-to (i32.const -1))
        (call $get (i32.const 16) (i32.const 1) (i32.const 1040))))
    (if (i32.eq (local.get $variant) (i32.const 3))
      (then
        (local.set $left (i32.const 100))
        (loop $more
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $more (local.get $left)))))
    (if (i32.eq (local.get $variant) (i32.const 4))
      (then
        (drop (memory.grow (i32.const 16)))
        (memory.fill (i32.const 0x20000) (i32.const 1) (i32.const 0x100000))))
    (if (i32.eq (local.get $variant) (i32.const 5))
      (then (call $get (i32.const 16) (i32.const 1) (i32.const 1040))))
    (i32.const 1024))
  (data (i32.const 16) "a"))

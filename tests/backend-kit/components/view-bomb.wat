;; profile: interaction
;; calls: 0 1 0 2 0 3 0
;;
;; Views far larger than the memory they lie in, since texts and lists overlap there. What would be
;; more than the limit of a host call is not copied: the call traps.
(module
  (import "myrhiza:kernel/clock@1.0.0" "now" (func $now (result i64)))
  (import "myrhiza:kernel/ui@1.0.0" "show" (func $show (param i32 i32)))
  ;; Fills `count` pairs from `at` on with a pointer and a length.
  (func $pairs (param $at i32) (param $count i32) (param $pointer i32) (param $length i32)
    (loop $more
      (i32.store (local.get $at) (local.get $pointer))
      (i32.store offset=4 (local.get $at) (local.get $length))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $more (local.get $count))))
  ;; One panel whose title is 15 MiB, or `count` of them.
  (func $panels (param $count i32)
    (local $at i32)
    (memory.fill (i32.const 0x100000) (i32.const 0x78) (i32.const 0xf00000))
    (local.set $at (i32.const 1024))
    (loop $more
      (i32.store (local.get $at) (i32.const 0))
      (i32.store offset=4 (local.get $at) (i32.const 0))
      (i32.store offset=8 (local.get $at) (i32.const 0x100000))
      (i32.store offset=12 (local.get $at) (i32.const 0xf00000))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (br_if $more
        (i32.lt_u (local.get $at) (i32.add (i32.const 1024) (i32.mul (local.get $count) (i32.const 32)))))))
  (func (export "render")
    (local $now i32)
    (local.set $now (i32.wrap_i64 (call $now)))
    (drop (memory.grow (i32.sub (i32.const 768) (memory.size))))
    ;; within the limit
    (if (i32.eqz (local.get $now))
      (then
        (call $panels (i32.const 1))
        (call $show (i32.const 1024) (i32.const 1))))
    ;; a thousand times one text
    (if (i32.eq (local.get $now) (i32.const 1))
      (then
        (call $panels (i32.const 1000))
        (call $show (i32.const 1024) (i32.const 1000))))
    ;; a million panels with empty titles
    (if (i32.eq (local.get $now) (i32.const 2))
      (then
        (memory.fill (i32.const 0x100000) (i32.const 0) (i32.const 0x2000000))
        (call $show (i32.const 0x100000) (i32.const 0x100000))))
    ;; a table of 65,536 times one row of 65,536 times one cell
    (if (i32.eq (local.get $now) (i32.const 3))
      (then
        (call $pairs (i32.const 0x100000) (i32.const 0x10000) (i32.const 16) (i32.const 1))
        (call $pairs (i32.const 0x200000) (i32.const 0x10000) (i32.const 0x100000) (i32.const 0x10000))
        (i32.store (i32.const 1024) (i32.const 0))
        (i32.store (i32.const 1028) (i32.const 9))
        (i32.store (i32.const 1032) (i32.const 0))
        (i32.store (i32.const 1036) (i32.const 0))
        (i32.store (i32.const 1040) (i32.const 0x200000))
        (i32.store (i32.const 1044) (i32.const 0x10000))
        (call $show (i32.const 1024) (i32.const 1))))))

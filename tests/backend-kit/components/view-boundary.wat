;; profile: interaction
;; calls: 0 1 2 3 4 5 6 7 0
;;
;; Nodes that are none. 0 shows nothing, which is a view.
(module
  (import "myrhiza:kernel/clock@1.0.0" "now" (func $now (result i64)))
  (import "myrhiza:kernel/ui@1.0.0" "show" (func $show (param i32 i32)))
  ;; Shows one node of the given kind whose next three words are given.
  (func $node (param $kind i32) (param i32 i32 i32)
    (i32.store8 (i32.const 1028) (local.get $kind))
    (i32.store (i32.const 1032) (local.get 1))
    (i32.store (i32.const 1036) (local.get 2))
    (i32.store (i32.const 1040) (local.get 3))
    (call $show (i32.const 1024) (i32.const 1)))
  (func (export "render")
    (local $now i32)
    (local.set $now (i32.wrap_i64 (call $now)))
    (if (i32.eqz (local.get $now)) (then (call $show (i32.const 1024) (i32.const 0))))
    ;; no such kind
    (if (i32.eq (local.get $now) (i32.const 1))
      (then (call $node (i32.const 10) (i32.const 0) (i32.const 0) (i32.const 0))))
    ;; no such tone
    (if (i32.eq (local.get $now) (i32.const 2))
      (then (call $node (i32.const 8) (i32.const 6) (i32.const 0) (i32.const 0))))
    ;; a title in broken UTF-8
    (if (i32.eq (local.get $now) (i32.const 3))
      (then (call $node (i32.const 0) (i32.const 16) (i32.const 2) (i32.const 0))))
    ;; a title out of memory
    (if (i32.eq (local.get $now) (i32.const 4))
      (then (call $node (i32.const 0) (i32.const 0x1ffff) (i32.const 2) (i32.const 0))))
    ;; a table whose columns are not aligned
    (if (i32.eq (local.get $now) (i32.const 5))
      (then (call $node (i32.const 9) (i32.const 2049) (i32.const 1) (i32.const 0))))
    ;; more nodes than memory
    (if (i32.eq (local.get $now) (i32.const 6))
      (then (call $show (i32.const 1024) (i32.const 0x08000001))))
    ;; nodes that are not aligned
    (if (i32.eq (local.get $now) (i32.const 7))
      (then (call $show (i32.const 1026) (i32.const 1)))))
  (data (i32.const 16) "a\ff"))

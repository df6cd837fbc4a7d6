  ;; Appended to every module: two pages that grow to the cap, and a heap that is never freed.
  (memory (export "memory") 2 1024)
  (global $heap (mut i32) (i32.const 65536))
  ;; Where `cabi_realloc` says everything is; 0: on the heap; -1: it never says.
  (global $realloc-to (mut i32) (i32.const 0))
  (func $alloc (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $end i32) (local $have i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (local.set $have (i32.mul (memory.size) (i32.const 65536)))
    (if (i32.gt_u (local.get $end) (local.get $have))
      (then
        (if (i32.eq
              (memory.grow
                (i32.add
                  (i32.shr_u (i32.sub (local.get $end) (local.get $have)) (i32.const 16))
                  (i32.const 1)))
              (i32.const -1))
          (then (unreachable)))))
    (global.set $heap (local.get $end))
    (local.get $at))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (loop $forever (br_if $forever (i32.eq (global.get $realloc-to) (i32.const -1))))
    (if (global.get $realloc-to) (then (return (global.get $realloc-to))))
    (call $alloc (local.get 2) (local.get 3)))

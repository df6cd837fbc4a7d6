;; profile: state-apply
;; calls: 0 1 0 2 0 3 0
;;
;; A call is over when its `post-return` is: 0 frees nothing, 1 traps there, 2 never returns from
;; there, 3 calls a host function from there, which the canonical ABI forbids.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (func (export "apply") (result i32)
    (i32.store (i32.const 16) (call $variant))
    (i32.const 1024))
  (func (export "cabi_post_apply") (param i32)
    (if (i32.eq (i32.load (i32.const 16)) (i32.const 1)) (then (unreachable)))
    (loop $forever (br_if $forever (i32.eq (i32.load (i32.const 16)) (i32.const 2))))
    (if (i32.eq (i32.load (i32.const 16)) (i32.const 3))
      (then (call $log (i32.const 2) (i32.const 16) (i32.const 1))))))

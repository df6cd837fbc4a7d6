;; profile: migrate
;; calls: 0 1 1 2 1 3 1 4 1 5 1 6
;;
;; The version goes to the log, followed by how many calls this memory has seen: always 1. The cursor
;; becomes a key of the state. By its bytes: 0 goes on from "next", 1 is done, 2 traps, 3 answers with
;; a discriminant there is none of, 4 goes on from a cursor out of memory, 5 from an empty one, 6 from
;; the one it was given.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (func $answer (param i32 i32 i32)
    (i32.store (i32.const 1024) (local.get 0))
    (i32.store (i32.const 1028) (local.get 1))
    (i32.store (i32.const 1032) (local.get 2)))
  (func (export "migrate")
    (param $major i32) (param $minor i32) (param $patch i32) (param $cursor i32) (param $len i32)
    (result i32)
    (i32.store8 (i32.const 512) (local.get $major))
    (i32.store8 (i32.const 513) (local.get $minor))
    (i32.store8 (i32.const 514) (local.get $patch))
    (i32.store8 (i32.const 515) (i32.add (i32.load8_u (i32.const 515)) (i32.const 1)))
    (call $log (i32.const 2) (i32.const 512) (i32.const 4))
    (call $set (local.get $cursor) (local.get $len) (i32.const 16) (i32.const 4))
    (if (i32.eq (local.get $len) (i32.const 0))
      (then (call $answer (i32.const 1) (i32.const 16) (i32.const 4))))
    (if (i32.eq (local.get $len) (i32.const 2)) (then (unreachable)))
    (if (i32.eq (local.get $len) (i32.const 3))
      (then (call $answer (i32.const 2) (i32.const 16) (i32.const 4))))
    (if (i32.eq (local.get $len) (i32.const 4))
      (then (call $answer (i32.const 1) (i32.const 0x1ffff) (i32.const 2))))
    (if (i32.eq (local.get $len) (i32.const 5))
      (then (call $answer (i32.const 1) (i32.const 0) (i32.const 0))))
    (if (i32.eq (local.get $len) (i32.const 6))
      (then (call $answer (i32.const 1) (local.get $cursor) (local.get $len))))
    (i32.const 1024))
  (data (i32.const 16) "next"))

;; Folds so that the state depends on the exact order of events: a hash chain over their ids, and
;; last-writer keys. The payload is an operation (one byte) and a key.
(module
  (import "myrhiza:kernel/event@1.0.0" "payload" (func $payload (param i32)))
  (import "myrhiza:kernel/event@1.0.0" "id" (func $id (param i32)))
  (import "myrhiza:kernel/hash@1.0.0" "blake3" (func $hash (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "get" (func $get (param i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "delete" (func $delete (param i32 i32)))
  (import "myrhiza:kernel/state@1.0.0" "scan" (func $scan (param i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 2 64)
  (global $heap (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "apply") (result i32)
    (local $at i32) (local $len i32) (local $op i32) (local $id i32) (local $link i32)
    (call $payload (i32.const 1024))
    (local.set $at (i32.load (i32.const 1024)))
    (local.set $len (i32.load (i32.const 1028)))
    (if (i32.eqz (local.get $len)) (then (return (i32.const 1088))))
    (local.set $op (i32.load8_u (local.get $at)))
    (call $id (i32.const 1040))
    (local.set $id (i32.load (i32.const 1040)))
    ;; head = blake3(head ‖ id), for every event but those refused below
    (call $get (i32.const 16) (i32.const 1) (i32.const 1056))
    (if (i32.load8_u (i32.const 1056))
      (then (memory.copy (i32.const 2048) (i32.load (i32.const 1060)) (i32.const 32))))
    (memory.copy (i32.const 2080) (local.get $id) (i32.const 32))
    (call $hash (i32.const 2048) (i32.const 64) (i32.const 1072))
    (local.set $link (i32.load (i32.const 1072)))
    (call $set (i32.const 16) (i32.const 1) (local.get $link) (i32.const 32))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (local.set $len (i32.sub (local.get $len) (i32.const 1)))
    ;; 1: refused after it wrote
    (if (i32.eq (local.get $op) (i32.const 1)) (then (return (i32.const 1088))))
    ;; 2: traps after it wrote
    (if (i32.eq (local.get $op) (i32.const 2)) (then (unreachable)))
    ;; 3: deletes its key
    (if (i32.and (i32.eq (local.get $op) (i32.const 3)) (i32.gt_u (local.get $len) (i32.const 0)))
      (then (call $delete (local.get $at) (local.get $len)) (return (i32.const 1104))))
    ;; 4: keeps a digest of everything there is
    (if (i32.eq (local.get $op) (i32.const 4))
      (then
        (call $scan (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64)
          (i32.const 1120))
        (call $hash (i32.load (i32.const 1120)) (i32.load (i32.const 1124)) (i32.const 1136))
        (call $set (i32.const 17) (i32.const 1) (i32.load (i32.const 1136)) (i32.const 32))
        (return (i32.const 1104))))
    ;; else: its key is this event's
    (if (i32.gt_u (local.get $len) (i32.const 0))
      (then (call $set (local.get $at) (local.get $len) (local.get $id) (i32.const 32))))
    (i32.const 1104))
  ;; keys of the chain and the digest, the reason, and the two verdicts
  (data (i32.const 16) "\00\01refused")
  (data (i32.const 1088) "\07\00\00\00\12\00\00\00\07\00\00\00")
  (data (i32.const 1104) "\00\00\00\00\00\00\00\00\00\00\00\00"))

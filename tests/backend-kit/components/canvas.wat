;; profile: interaction
;; calls: 1
;;
;; Draws one of everything, in every tint and on every side, and writes down field by field what it
;; hears. Commands are 36 bytes, steps 28, inputs 24; what a field does not use is not looked at.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "myrhiza:kernel/canvas@1.0.0" "show" (func $show (param i32 i32 i32 i32 i32 i32)))
  (import "myrhiza:kernel/canvas@1.0.0" "draw" (func $draw (param i32 i32)))
  (import "myrhiza:kernel/canvas@1.0.0" "input" (func $input (param i32)))
  (import "myrhiza:kernel/canvas@1.0.0" "act" (func $act (param i32 i32) (result i32)))
  (func (export "render")
    (local $at i32) (local $end i32)
    (call $show (i32.const 2048) (i32.const 6) (i32.const 2054) (i32.const 17) (i32.const 7) (i32.const 8))
    (call $draw (i32.const 2200) (i32.const 18))
    (call $input (i32.const 16))
    (local.set $at (i32.load (i32.const 16)))
    (local.set $end
      (i32.add (local.get $at) (i32.mul (i32.load (i32.const 20)) (i32.const 24))))
    (block $done
      (loop $each
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (call $heard (local.get $at))
        (local.set $at (i32.add (local.get $at) (i32.const 24)))
        (br $each)))
    (i32.store (i32.const 16) (call $act (i32.const 2856) (i32.const 2)))
    (i32.store (i32.const 20) (call $act (i32.const 2856) (i32.const 1)))
    (call $log (i32.const 3) (i32.const 16) (i32.const 8))
    (call $draw (i32.const 2200) (i32.const 0)))
  ;; A discriminant, then the fields of the kind it is.
  (func $heard (param $at i32)
    (call $log (i32.const 2) (local.get $at) (i32.const 1))
    (block $room
      (block $key
        (block $pointer
          (br_table $pointer $key $room (i32.load8_u (local.get $at))))
        (call $log (i32.const 3) (i32.add (local.get $at) (i32.const 4)) (i32.const 1))
        (call $log (i32.const 3) (i32.add (local.get $at) (i32.const 8)) (i32.const 16))
        (return))
      (call $log (i32.const 3) (i32.add (local.get $at) (i32.const 4)) (i32.const 1))
      (call $log (i32.const 3) (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))
      (call $log (i32.const 3) (i32.add (local.get $at) (i32.const 16)) (i32.const 4))
      (return))
    (call $log (i32.const 3) (i32.add (local.get $at) (i32.const 4)) (i32.const 9)))
  (data (i32.const 2048)
    "\53\6b\69\7a\7a\65\74\77\6f\20\62\c3\a9\7a\69\65\72\20\6c\69\6e\65\73\66\c3\bc\6e\66\01\02\03\04"
    "\05\06\07\08\09\0a\0b\0c\00\00\00\00\01\00\00\00\fe\ff\ff\ff\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\01\00\00\00\03\00\00\00\04\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\02\00\00\00\05\00\00\00\06\00\00\00\07\00\00\00\08\00\00\00\f7\ff\ff\ff\0a\00\00\00\03\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\03\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\04\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\05\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\06\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\04\03\02\01"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\fd\ff\ff\ff"
    "\04\00\00\00\05\00\00\00\ff\ff\ff\ff\01\00\00\00\80\00\00\ff\00\00\00\00\00\00\00\00\02\00\00\00"
    "\fd\ff\ff\ff\04\00\00\00\05\00\00\00\ff\ff\ff\ff\00\00\00\00\03\00\00\00\07\00\00\00\00\00\00\00"
    "\03\00\00\00\00\00\00\00\01\00\00\00\28\08\00\00\04\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\04\00\00\00\01\00\00\00\ff\ff\ff\ff\09\00\00\00\28\08\00\00\04\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\04\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\28\08\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\05\00\00\00\ff\ff\ff\ff\02\00\00\00\1e\00\00\00\00\00\00\00"
    "\00\00\00\00\01\00\00\00\17\08\00\00\05\00\00\00\05\00\00\00\ff\ff\ff\ff\02\00\00\00\1f\00\00\00"
    "\01\00\00\00\00\00\00\00\01\00\00\00\17\08\00\00\05\00\00\00\05\00\00\00\ff\ff\ff\ff\02\00\00\00"
    "\20\00\00\00\02\00\00\00\00\00\00\00\01\00\00\00\17\08\00\00\05\00\00\00\06\00\00\00\fd\ff\ff\ff"
    "\04\00\00\00\05\00\00\00\ff\ff\ff\ff\03\00\00\00\1c\08\00\00\0c\00\00\00\00\00\00\00\07\00\00\00"
    "\00\00\01\00\00\00\ff\ff\01\00\00\00\fe\ff\ff\ff\03\00\00\00\fc\ff\ff\ff\00\00\00\00\00\00\00\00"
    "\64\72\61\77\31\c3\a9\00\20\0b\00\00\04\00\00\00\24\0b\00\00\03\00\00\00"))

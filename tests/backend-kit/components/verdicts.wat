;; profile: state-apply
;; calls: 0 1 2 3 4 5
;;
;; 0 accepts, 1 accepts with a reason nobody keeps, 2 rejects, 3 rejects in broken UTF-8, 4 rejects
;; with the greatest code and no reason, 5 rejects with a reason of exactly one character.
(module
  (import "myrhiza:kernel/event@1.0.0" "variant" (func $variant (result i32)))
  (func (export "apply") (result i32)
    (i32.add (i32.const 1024) (i32.mul (call $variant) (i32.const 12))))
  (data (i32.const 1024)
    "\00\00\00\00" "\00\00\00\00" "\00\00\00\00"
    "\00\00\00\00" "\00\08\00\00" "\02\00\00\00"
    "\07\00\00\00" "\00\08\00\00" "\07\00\00\00"
    "\01\00\00\00" "\10\08\00\00" "\06\00\00\00"
    "\ff\ff\ff\ff" "\00\00\00\00" "\00\00\00\00"
    "\02\00\00\00" "\04\08\00\00" "\03\00\00\00")
  (data (i32.const 2048) "no: \e2\82\ac")
  (data (i32.const 2064) "a\ff\e2\82z\f0"))

;; profile: interaction
;; calls: 0 1 2
;;
;; What the host gives is larger than the memory there is, so memory grows while it is given, in each
;; call anew. It lies where the component was told, and so does what tells it.
(module
  (import "myrhiza:kernel/random@1.0.0" "bytes" (func $random (param i32 i32)))
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (func (export "render")
    (call $random (i32.const 300000) (i32.const 1040))
    (call $log (i32.const 2) (i32.const 1040) (i32.const 8))
    (call $log (i32.const 2) (i32.load (i32.const 1040)) (i32.load (i32.const 1044)))))

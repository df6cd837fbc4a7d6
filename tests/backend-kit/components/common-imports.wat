;; profile: state-apply
;; calls: 0
;;
;; `log`, `hash`, `signature`, `fork-proof` and `topic-info`; what comes back goes to the log.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "myrhiza:kernel/hash@1.0.0" "blake3" (func $blake3 (param i32 i32 i32)))
  (import "myrhiza:kernel/signature@1.0.0" "verify"
    (func $verify (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "myrhiza:kernel/fork-proof@1.0.0" "verify" (func $fork-proof (param i32 i32 i32)))
  (import "myrhiza:kernel/topic-info@1.0.0" "topic" (func $topic (param i32)))
  (import "myrhiza:kernel/topic-info@1.0.0" "founder" (func $founder (param i32)))
  (import "myrhiza:kernel/topic-info@1.0.0" "generation" (func $generation (result i32)))
  (import "myrhiza:kernel/topic-info@1.0.0" "member" (func $member (param i32 i32 i32)))
  (import "myrhiza:kernel/topic-info@1.0.0" "members" (func $members (param i32 i32 i32 i32)))
  (func $log-list
    (call $log (i32.const 2) (i32.load (i32.const 1040)) (i32.load (i32.const 1044))))
  (func $log-option
    (if (i32.load8_u (i32.const 1040))
      (then (call $log (i32.const 1) (i32.load (i32.const 1044)) (i32.load (i32.const 1048))))
      (else (call $log (i32.const 0) (i32.const 16) (i32.const 4)))))
  (func (export "apply") (result i32)
    (call $log (i32.const 0) (i32.const 16) (i32.const 4))
    (call $log (i32.const 1) (i32.const 16) (i32.const 4))
    (call $log (i32.const 2) (i32.const 16) (i32.const 4))
    (call $log (i32.const 3) (i32.const 16) (i32.const 4))
    (call $log (i32.const 0xffffffff) (i32.const 20) (i32.const 2))
    (call $blake3 (i32.const 16) (i32.const 4) (i32.const 1040)) (call $log-list)
    ;; key, message, signature: the host says yes where key and signature are equal
    (call $log
      (call $verify
        (i32.const 16) (i32.const 2) (i32.const 18) (i32.const 1) (i32.const 16) (i32.const 2))
      (i32.const 16) (i32.const 4))
    (call $log
      (call $verify
        (i32.const 16) (i32.const 2) (i32.const 18) (i32.const 1) (i32.const 17) (i32.const 2))
      (i32.const 16) (i32.const 4))
    (call $fork-proof (i32.const 16) (i32.const 3) (i32.const 1040)) (call $log-option)
    (call $fork-proof (i32.const 16) (i32.const 0) (i32.const 1040)) (call $log-option)
    (call $topic (i32.const 1040)) (call $log-list)
    (call $founder (i32.const 1040)) (call $log-list)
    (call $log (call $generation) (i32.const 16) (i32.const 4))
    (call $member (i32.const 32) (i32.const 32) (i32.const 1040)) (call $log-option)
    (call $member (i32.const 32) (i32.const 31) (i32.const 1040)) (call $log-option)
    (call $members (i32.const 32) (i32.const 32) (i32.const 0xfffffffe) (i32.const 1040))
    (call $log-list)
    (i32.const 1024))
  (data (i32.const 16) "abcd\ff\fe")
  (data (i32.const 32) "0123456789abcdef0123456789abcdef"))

;; profile: state-propose
;; calls: 0 1 1 2 1 3 4 5 6
;;
;; The intent's words go to the log. By their count: 0 refuses, 1 proposes the first word, 2 traps,
;; 3 answers with a discriminant there is none of, 4 refuses in broken UTF-8, 5 refuses with a text
;; out of memory, 6 proposes nothing. The variant counts the calls of this instance: always 1.
(module
  (import "myrhiza:kernel/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (global $calls (mut i32) (i32.const 0))
  (func $refuse (param i32 i32)
    (i32.store (i32.const 1024) (i32.const 1))
    (i32.store (i32.const 1028) (local.get 0))
    (i32.store (i32.const 1032) (local.get 1)))
  (func (export "propose") (param $words i32) (param $count i32) (result i32)
    (local $left i32) (local $word i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $word (local.get $words))
    (local.set $left (local.get $count))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $left)))
        (call $log (i32.const 2) (i32.load (local.get $word)) (i32.load offset=4 (local.get $word)))
        (local.set $word (i32.add (local.get $word) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $more)))
    (i32.store (i32.const 1028) (global.get $calls))
    (if (i32.eq (local.get $count) (i32.const 0))
      (then (call $refuse (i32.const 16) (i32.const 12))))
    (if (i32.eq (local.get $count) (i32.const 1))
      (then
        (i32.store (i32.const 1032) (i32.load (local.get $words)))
        (i32.store (i32.const 1036) (i32.load offset=4 (local.get $words)))))
    (if (i32.eq (local.get $count) (i32.const 2)) (then (unreachable)))
    (if (i32.eq (local.get $count) (i32.const 3))
      (then (i32.store8 (i32.const 1024) (i32.const 2))))
    (if (i32.eq (local.get $count) (i32.const 4))
      (then (call $refuse (i32.const 28) (i32.const 2))))
    (if (i32.eq (local.get $count) (i32.const 5))
      (then (call $refuse (i32.const 0x1ffff) (i32.const 2))))
    (i32.const 1024))
  (data (i32.const 16) "say what \e2\82\ac")
  (data (i32.const 28) "a\ff"))

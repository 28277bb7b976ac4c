;; A list of u64 is allocated with alignment 8, also by an allocator that starts at an odd address.
;; call: run() -> 7
;; call: misaligned() -> trap
;; call: outside() -> trap
;; call: empty() -> 1
;; call: empty-outside() -> trap
(component
  (component $B
    (core module $m
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 1025))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
        (global.set $next (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
      (func (export "f") (param $p i32) (param $n i32) (result i32)
        (if (i32.and (local.get $p) (i32.const 7)) (then (return (i32.const -1))))
        (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
        (i32.wrap_i64 (i64.add (i64.load (local.get $p)) (i64.load offset=8 (local.get $p))))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" (list u64)) (result s32) (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
  (component $A
    (import "f" (func $f (param "x" (list u64)) (result s32)))
    (core module $memory (memory (export "mem") 1) (data (i32.const 8) "\03\00\00\00\00\00\00\00\04"))
    (core instance $mem (instantiate $memory))
    (core func $lf (canon lower (func $f) (memory (core memory $mem "mem"))))
    (core module $m
      (import "b" "f" (func $f (param i32 i32) (result i32)))
      (func (export "run") (result i32) (call $f (i32.const 8) (i32.const 2)))
      (func (export "misaligned") (result i32) (call $f (i32.const 12) (i32.const 2)))
      (func (export "outside") (result i32) (call $f (i32.const 65528) (i32.const 2)))
      (func (export "empty") (result i32) (call $f (i32.const 65536) (i32.const 0)))
      (func (export "empty-outside") (result i32) (call $f (i32.const 65544) (i32.const 0))))
    (core instance $i (instantiate $m (with "b" (instance (export "f" (func $lf))))))
    (func (export "run") (result s32) (canon lift (core func $i "run")))
    (func (export "misaligned") (result s32) (canon lift (core func $i "misaligned")))
    (func (export "outside") (result s32) (canon lift (core func $i "outside")))
    (func (export "empty") (result s32) (canon lift (core func $i "empty")))
    (func (export "empty-outside") (result s32) (canon lift (core func $i "empty-outside"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run"))
  (export "misaligned" (func $a "misaligned"))
  (export "outside" (func $a "outside"))
  (export "empty" (func $a "empty"))
  (export "empty-outside" (func $a "empty-outside")))

;; A component instantiated twice has two states, and so has a core module instantiated twice.
;; call: run() -> 2131
(component
  (component $Counter
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "inc") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
    (core instance $i (instantiate $m))
    (func (export "inc") (result u32) (canon lift (core func $i "inc"))))
  (component $A
    (import "x" (func $x (result u32)))
    (import "y" (func $y (result u32)))
    (core module $own
      (global $n (mut i32) (i32.const 0))
      (func (export "inc") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
    (core instance $p (instantiate $own))
    (core instance $q (instantiate $own))
    (core func $lx (canon lower (func $x)))
    (core func $ly (canon lower (func $y)))
    (core module $m
      (import "b" "x" (func $x (result i32)))
      (import "b" "y" (func $y (result i32)))
      (import "p" "inc" (func $p (result i32)))
      (import "q" "inc" (func $q (result i32)))
      (func (export "run") (result i32)
        (drop (call $x)) (drop (call $p)) (drop (call $p))
        (i32.add
          (i32.add (i32.mul (call $x) (i32.const 1000)) (i32.mul (call $y) (i32.const 100)))
          (i32.add (i32.mul (call $p) (i32.const 10)) (call $q)))))
    (core instance $i (instantiate $m
      (with "b" (instance (export "x" (func $lx)) (export "y" (func $ly)))) (with "p" (instance $p)) (with "q" (instance $q))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $one (instantiate $Counter))
  (instance $two (instantiate $Counter))
  (instance $a (instantiate $A (with "x" (func $one "inc")) (with "y" (func $two "inc"))))
  (export "run" (func $a "run")))

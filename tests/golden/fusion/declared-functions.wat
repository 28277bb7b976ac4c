;; Two instances of a module that changes its table: ref.func needs its function declared, also where an export declared it before.
;; call: a() -> 10
;; call: b() -> 10
;; call: change-a() -> 2010
;; call: change-b() -> 3010
(component
  (core module $M
    (type $t (func (result i32)))
    (table 1 funcref)
    (func $ten (result i32) (i32.const 10))
    (func $twenty (result i32) (i32.const 20))
    (func $thirty (export "declared") (result i32) (i32.const 30))
    (elem (i32.const 0) func $ten)
    (elem declare func $twenty)
    (func (export "set-twenty") (table.set (i32.const 0) (ref.func $twenty)))
    (func (export "set-thirty") (table.set (i32.const 0) (ref.func $thirty)))
    (func (export "call") (result i32) (call_indirect (type $t) (i32.const 0))))
  (core instance $a (instantiate $M))
  (core instance $b (instantiate $M))
  (core module $N
    (import "a" "set-twenty" (func $set-a))
    (import "a" "call" (func $call-a (result i32)))
    (import "b" "set-thirty" (func $set-b))
    (import "b" "call" (func $call-b (result i32)))
    (func (export "change-a") (result i32) (call $set-a) (i32.add (i32.mul (i32.const 100) (call $call-a)) (call $call-b)))
    (func (export "change-b") (result i32) (call $set-b) (i32.add (i32.mul (i32.const 100) (call $call-b)) (call $call-a))))
  (core instance $n (instantiate $N (with "a" (instance $a)) (with "b" (instance $b))))
  (func (export "a") (result u32) (canon lift (core func $a "call")))
  (func (export "b") (result u32) (canon lift (core func $b "call")))
  (func (export "change-a") (result u32) (canon lift (core func $n "change-a")))
  (func (export "change-b") (result u32) (canon lift (core func $n "change-b"))))

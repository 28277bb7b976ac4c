;; A result of two bytes is written as two bytes: what follows the caller's area stays.
;; call: run() -> 0xAABB0907
(component
  (component $B
    (core module $m
      (memory (export "mem") 1)
      (data (i32.const 16) "\07\09\ff\ff")
      (func (export "f") (result i32) (i32.const 16)))
    (core instance $i (instantiate $m))
    (func (export "f") (result (tuple u8 u8)) (canon lift (core func $i "f") (memory (core memory $i "mem")))))
  (component $A
    (import "f" (func $f (result (tuple u8 u8))))
    (core module $memory (memory (export "mem") 1))
    (core instance $mem (instantiate $memory))
    (core func $lf (canon lower (func $f) (memory (core memory $mem "mem"))))
    (core module $m
      (import "b" "f" (func $f (param i32)))
      (import "mem" "mem" (memory 1))
      (func (export "run") (result i32)
        (i32.store (i32.const 32) (i32.const 0xAABBCCDD))
        (call $f (i32.const 32))
        (i32.load (i32.const 32))))
    (core instance $i (instantiate $m (with "b" (instance (export "f" (func $lf)))) (with "mem" (instance $mem))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run")))

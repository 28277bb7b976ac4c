;; Two components with memories, one of which grows its own.
;; call: run() -> 1
(component
  (component $B
    (core module $m (memory (export "mem") 1) (func (export "f") (result i32) (memory.grow (i32.const 1))))
    (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))
  (component $A
    (import "f" (func $f (result u32)))
    (core func $lf (canon lower (func $f)))
    (core module $m
      (import "b" "f" (func $f (result i32)))
      (memory 1)
      (func (export "run") (result i32) (i32.store (i32.const 0) (call $f)) (i32.load (i32.const 0))))
    (core instance $i (instantiate $m (with "b" (instance (export "f" (func $lf))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run")))

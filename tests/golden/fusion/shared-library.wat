;; A core module of an outer component, and one that is imported, serve two inner components, each with its own instance.
;; call: run() -> 11021
(component
  (core module $libc
    (memory (export "mem") 1)
    (func (export "bump") (result i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (i32.load (i32.const 0))))
  (component $B
    (alias outer 1 $libc (core module $lib))
    (core instance $c (instantiate $lib))
    (func (export "bump") (result u32) (canon lift (core func $c "bump"))))
  (component $A
    (import "libc" (core module $lib (export "mem" (memory 1)) (export "bump" (func (result i32)))))
    (import "f" (func $f (result u32)))
    (core instance $c (instantiate $lib))
    (core func $lf (canon lower (func $f)))
    (core module $m
      (import "c" "mem" (memory 1))
      (import "c" "bump" (func $own (result i32)))
      (import "b" "f" (func $f (result i32)))
      (data (i32.const 0) "\0a")
      (func (export "run") (result i32)
        (drop (call $f))
        (i32.add (i32.mul (call $own) (i32.const 1000)) (i32.add (i32.mul (call $f) (i32.const 10)) (i32.const 1)))))
    (core instance $i (instantiate $m (with "c" (instance $c)) (with "b" (instance (export "f" (func $lf))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "libc" (core module $libc)) (with "f" (func $b "bump"))))
  (export "run" (func $a "run")))

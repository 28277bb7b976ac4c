;; The string inside an option is copied too, not only its address; a string that is no UTF-8 traps, also one cut short.
;; call: run() -> 0x5a59
;; call: none() -> 0x5a00
;; call: bad-case() -> trap
;; call: bad-text() -> trap
;; call: cut-text() -> trap
;; call: outside() -> trap
(component
  (component $B
    (core module $m
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 2048))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $next)
        (global.set $next (i32.add (global.get $next) (local.get 3))))
      (func (export "f") (param $s i32) (param $n i32) (param $some i32) (param $o i32) (param $on i32) (result i32)
        (i32.or
          (i32.shl (i32.load8_u (local.get $s)) (i32.const 8))
          (if (result i32) (local.get $some) (then (i32.load8_u (local.get $o))) (else (i32.add (local.get $o) (local.get $on)))))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "s" string) (param "o" (option string)) (result u32)
      (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
  (component $A
    (import "f" (func $f (param "s" string) (param "o" (option string)) (result u32)))
    (core module $memory (memory (export "mem") 1) (data (i32.const 64) "ZY\e2\82\ac\ed\a0\80"))
    (core instance $mem (instantiate $memory))
    (core func $lf (canon lower (func $f) (memory (core memory $mem "mem"))))
    (core module $m
      (import "b" "f" (func $f (param i32 i32 i32 i32 i32) (result i32)))
      (func (export "run") (result i32) (call $f (i32.const 64) (i32.const 5) (i32.const 1) (i32.const 65) (i32.const 1)))
      (func (export "none") (result i32) (call $f (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 77) (i32.const 88)))
      (func (export "bad-case") (result i32) (call $f (i32.const 64) (i32.const 1) (i32.const 2) (i32.const 0) (i32.const 0)))
      (func (export "bad-text") (result i32) (call $f (i32.const 69) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0)))
      (func (export "cut-text") (result i32) (call $f (i32.const 64) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0)))
      (func (export "outside") (result i32) (call $f (i32.const -8) (i32.const 72) (i32.const 0) (i32.const 0) (i32.const 0))))
    (core instance $i (instantiate $m (with "b" (instance (export "f" (func $lf))))))
    (func (export "run") (result u32) (canon lift (core func $i "run")))
    (func (export "none") (result u32) (canon lift (core func $i "none")))
    (func (export "bad-case") (result u32) (canon lift (core func $i "bad-case")))
    (func (export "bad-text") (result u32) (canon lift (core func $i "bad-text")))
    (func (export "cut-text") (result u32) (canon lift (core func $i "cut-text")))
    (func (export "outside") (result u32) (canon lift (core func $i "outside"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run"))
  (export "none" (func $a "none"))
  (export "bad-case" (func $a "bad-case"))
  (export "bad-text" (func $a "bad-text"))
  (export "cut-text" (func $a "cut-text"))
  (export "outside" (func $a "outside")))

;; A parent calls its child C1, which calls its child C2, which calls the parent: that stays inside the parent. Back into C1 it traps.
;; call: run(0) -> 42
;; call: run(1) -> trap
;; call: run-twice() -> 84
;; call: child(0) -> 42
;; call: child(1) -> trap
(component
  (core module $table (table (export "t") 1 funcref))
  (core instance $t (instantiate $table))
  (core module $M2
    (import "t" "t" (table 1 funcref))
    (func (export "back") (param i32) (result i32) (if (local.get 0) (then (return (call_indirect (result i32) (i32.const 0))))) (i32.const 40)))
  (core instance $m2 (instantiate $M2 (with "t" (instance $t))))
  (func $back (param "again" u32) (result u32) (canon lift (core func $m2 "back")))
  (component $C
    (import "next" (func $next (param "again" u32) (result u32)))
    (core func $next' (canon lower (func $next)))
    (core module $m (import "n" "next" (func $next (param i32) (result i32))) (func (export "f") (param i32) (result i32) (i32.add (call $next (local.get 0)) (i32.const 1))))
    (core instance $i (instantiate $m (with "n" (instance (export "next" (func $next'))))))
    (func (export "f") (param "again" u32) (result u32) (canon lift (core func $i "f"))))
  (instance $c2 (instantiate $C (with "next" (func $back))))
  (instance $c1 (instantiate $C (with "next" (func $c2 "f"))))
  (core func $f (canon lower (func $c1 "f")))
  (core module $M1
    (import "t" "t" (table 1 funcref))
    (import "c" "f" (func $f (param i32) (result i32)))
    (func $again (result i32) (call $f (i32.const 0)))
    (elem (i32.const 0) $again)
    (func (export "run") (param i32) (result i32) (call $f (local.get 0)))
    (func (export "run-twice") (result i32) (i32.add (call $f (i32.const 0)) (call $f (i32.const 0)))))
  (core instance $m1 (instantiate $M1 (with "t" (instance $t)) (with "c" (instance (export "f" (func $f))))))
  (func (export "run") (param "again" u32) (result u32) (canon lift (core func $m1 "run")))
  (func (export "run-twice") (result u32) (canon lift (core func $m1 "run-twice")))
  (export "child" (func $c1 "f")))

;; A call through a table that only a fix-up module fills is a call of what it fills in: table, shim and fix-up disappear.
;; call: run() -> 42
(component
  (core module $shim
    (type $t (func (param i32) (result i32)))
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0))))
  (core module $target (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 2))))
  (core module $main
    (import "env" "f" (func $f (param i32) (result i32)))
    (func (export "run") (result i32) (call $f (i32.const 40))))
  (core module $fixup
    (import "" "0" (func $0 (param i32) (result i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) func $0))
  (core instance $s (instantiate $shim))
  (core instance $m (instantiate $main (with "env" (instance (export "f" (func $s "0"))))))
  (core instance $t (instantiate $target))
  (core instance (instantiate $fixup (with "" (instance (export "0" (func $t "f")) (export "$imports" (table $s "$imports"))))))
  (func (export "run") (result u32) (canon lift (core func $m "run"))))

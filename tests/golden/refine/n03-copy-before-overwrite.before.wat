;; The host gets the argument as it was before it was overwritten.
(module (import "e" "p" (func $p (param i32)))
  (func (export "g") (param i32) (local i32) (local.set 1 (local.get 0)) (local.set 0 (i32.const 5)) (call $p (local.get 1))))

;; A return inside the callee leaves the callee only.
(module (memory 1) (export "m" (memory 0))
  (func $f (param i32) (if (local.get 0) (then (return))) (i32.store (i32.const 0) (i32.const 1)))
  (func (export "g") (param i32) (call $f (local.get 0)) (i32.store (i32.const 4) (i32.const 2))))

;; RUN: dse
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func (export "store") (param i32)
    (i32.store8 offset=1 (local.get 0) (i32.const 1))
    (i32.store (local.get 0) (i32.const 2)))
  (func (export "same") (param i32)
    (i32.store (local.get 0) (i32.const 1))
    (i32.store (local.get 0) (i32.const 2)))
  (func (export "global")
    (global.set $g (i32.const 1))
    (global.set $g (i32.const 2))))

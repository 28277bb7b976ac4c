;; RUN: gvn
(module
  (global $g (mut i32) (i32.const 0))
  (func $touch (global.set $g (i32.const 1)))
  ;; A read of a global is no expression: the call between may change it.
  (func (export "f") (result i32) (i32.sub (global.get $g) (block (result i32) (call $touch) (global.get $g)))))

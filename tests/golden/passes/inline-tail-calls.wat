;; RUN: inline
(module
  ;; A callee's tail calls stay tail calls only where the call is one itself: there they are what keeps the stack from growing.
  (import "e" "host" (func $host (param i32)))
  (func $last (param i32)
    (return_call $host (i32.add (local.get 0) (i32.const 1))))
  (func (export "tail") (param i32)
    (return_call $last (local.get 0)))
  (func (export "call") (param i32)
    (call $last (local.get 0))
    (call $host (i32.const 0))))

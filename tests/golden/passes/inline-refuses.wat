;; RUN: inline
(module
  (import "env" "host" (func $host (param i32)))
  (func $self (export "self") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (call $self (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))
  (func (export "g") (param i32) (call $host (call $self (local.get 0)))))

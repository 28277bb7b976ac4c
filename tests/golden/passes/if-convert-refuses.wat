;; RUN: if-convert
(module
  (memory 1)
  ;; The load may trap: it happens on one path only.
  (func (export "load") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.load (local.get 0))) (else (i32.const 0))))
  (func (export "division") (param i32 i32) (result i32)
    (if (result i32) (local.get 1) (then (i32.div_u (local.get 0) (local.get 1))) (else (i32.const 0))))
  ;; Too much work to do for nothing.
  (func (export "work") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.mul (i32.xor (local.get 0) (i32.const 5)) (i32.const 7)) (i32.const 9)))
      (else (i32.const 0)))))

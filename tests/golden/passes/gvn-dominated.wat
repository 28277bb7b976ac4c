;; RUN: gvn,dce
(module
  (func (export "f") (param i32 i32) (result i32)
    (if (result i32) (i32.add (local.get 0) (local.get 1))
      (then (i32.add (local.get 1) (local.get 0)))
      (else (i32.const 0))))
  ;; Neither arm dominates the other: both keep their own.
  (func (export "g") (param i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (local.get 1)))
      (else (i32.mul (local.get 0) (local.get 1))))))

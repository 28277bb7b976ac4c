;; RUN: if-convert,simplify-cfg,redundant-params,dce
(module
  (func (export "clamp") (param i32) (result i32)
    (if (result i32) (i32.gt_s (local.get 0) (i32.const 2000))
      (then (i32.const 2000))
      (else (local.get 0))))
  (func (export "one_armed") (param i32 i32) (result i32)
    (if (local.get 1) (then (local.set 0 (i32.add (local.get 0) (i32.const 1)))))
    (local.get 0)))

;; RUN: simplify-cfg,redundant-params,simplify-cfg,dce
(module
  (func (export "same_target") (param i32) (result i32)
    (block $out (br_if $out (local.get 0)))
    (i32.const 1))
  (func (export "inverted") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.const 2))))
  (func (export "dead_arm") (result i32)
    (if (result i32) (i32.const 0) (then (i32.const 1)) (else (i32.const 2))))
  ;; The block is left, the store is not skipped.
  (memory 1)
  (func (export "store_stays")
    (block (br 0))
    (i32.store (i32.const 0) (i32.const 1))))

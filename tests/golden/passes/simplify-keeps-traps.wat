;; RUN: simplify,dce
(module
  ;; A division that traps is not folded, and one whose result nobody needs stays.
  (func $by_zero (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
  (func $unused (param i32) (drop (i32.rem_s (i32.const 7) (local.get 0))))
  ;; An address is not folded into an offset: base plus constant wraps, base plus offset does not.
  (memory 1)
  (func $address (param i32) (result i32) (i32.load (i32.add (local.get 0) (i32.const 16)))))

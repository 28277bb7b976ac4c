;; RUN: dominating-conditions,simplify-cfg,dce
(module
  (import "env" "host" (func $host (param i32)))
  ;; The second test of the same flag is decided by the first; the flag itself is 0 on that path.
  (func (export "again") (param i32)
    (if (local.get 0)
      (then (call $host (i32.const 1)))
      (else
        (if (local.get 0) (then (call $host (i32.const 2))))
        (call $host (local.get 0)))))
  (func (export "equal") (param i32)
    (if (i32.eq (local.get 0) (i32.const 7)) (then (call $host (local.get 0)))))
  ;; Not zero is not one: only a comparison's value is known where it holds.
  (func (export "not_one") (param i32)
    (if (local.get 0) (then (call $host (local.get 0))))))

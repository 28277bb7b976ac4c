;; RUN: sccp,simplify-cfg,dce
(module
  ;; The flag is 3 on every path that can run, so the branch goes one way and the other arm is gone.
  (func (export "f") (param i32) (result i32) (local $flag i32)
    (local.set $flag (i32.const 3))
    (loop $again
      (local.set $flag (i32.and (local.get $flag) (i32.const 3)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))
    (if (result i32) (i32.eq (local.get $flag) (i32.const 3))
      (then (i32.const 10))
      (else (i32.const 20)))))

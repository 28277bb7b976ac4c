;; RUN: sccp,simplify-cfg,dce
(module
  ;; The second turn of the loop brings another value: nothing is constant.
  (func (export "f") (param i32) (result i32) (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (local.get 0))))
    (local.get $n)))

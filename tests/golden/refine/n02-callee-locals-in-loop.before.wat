;; A callee's locals are zero at each entry, inlined into a loop too: m[0] ends as 0.
(module (memory 1) (export "m" (memory 0))
  (func $f (param i32) (local i32) (if (local.get 0) (then (local.set 1 (i32.const 9)))) (i32.store (i32.const 0) (local.get 1)))
  (func (export "g") (local i32)
    (local.set 0 (i32.const 2))
    (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (call $f (local.get 0)) (br_if 0 (local.get 0)))))

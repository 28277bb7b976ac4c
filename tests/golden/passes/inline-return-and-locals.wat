;; RUN: inline
(module
  (memory 1)
  ;; A return of the callee leaves the callee only, and its locals begin anew in each turn of the caller's loop.
  (func $early (param i32)
    (if (local.get 0) (then (return)))
    (i32.store (i32.const 0) (i32.const 1)))
  (func (export "after_return") (param i32)
    (call $early (local.get 0))
    (i32.store (i32.const 4) (i32.const 2)))
  (func $fresh (param i32) (local i32)
    (if (local.get 0) (then (local.set 1 (i32.const 9))))
    (i32.store (i32.const 0) (local.get 1)))
  (func (export "in_loop") (local i32)
    (local.set 0 (i32.const 2))
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (call $fresh (local.get 0))
      (br_if $again (local.get 0)))))

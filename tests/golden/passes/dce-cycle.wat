;; RUN: dce
(module
  ;; The counter only feeds itself.
  (func (export "f") (param i32) (local $dead i32)
    (loop $again
      (local.set $dead (i32.add (local.get $dead) (i32.const 1)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))

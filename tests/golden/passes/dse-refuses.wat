;; RUN: dse
(module
  (import "env" "host" (func $host))
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  ;; The access in between may trap and leave the first write for all to see.
  (func (export "trap_between") (param i32 i32)
    (i32.store (local.get 0) (i32.const 1))
    (drop (i32.load (local.get 1)))
    (i32.store (local.get 0) (i32.const 2)))
  ;; The second write reaches further: it may trap where the first did not.
  (func (export "reaches_further") (param i32)
    (i32.store8 (local.get 0) (i32.const 1))
    (i32.store (local.get 0) (i32.const 2)))
  (func (export "host_sees") (param i32)
    (i32.store (local.get 0) (i32.const 1))
    (call $host)
    (i32.store (local.get 0) (i32.const 2)))
  (func (export "global_read") (result i32)
    (global.set $g (i32.const 1))
    (global.get $g)
    (global.set $g (i32.const 2))))

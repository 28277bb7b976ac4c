;; RUN: load-elimination
(module
  (import "env" "host" (func $host))
  (memory 1)
  ;; Another base may be the same address.
  (func (export "may_alias") (param i32 i32) (result i32)
    (i32.store (local.get 0) (i32.const 1))
    (i32.store (local.get 1) (i32.const 2))
    (i32.load (local.get 0)))
  ;; A byte of it changed.
  (func (export "partial") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 1))
    (i32.store8 offset=3 (local.get 0) (i32.const 2))
    (i32.load (local.get 0)))
  ;; The host may write memory.
  (func (export "call") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 1))
    (call $host)
    (i32.load (local.get 0)))
  ;; The loop changes it behind the header.
  (func (export "loop") (param i32) (result i32) (local $s i32)
    (drop (i32.load (local.get 0)))
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.load (local.get 0))))
      (i32.store (local.get 0) (local.get $s))
      (br_if $again (i32.lt_s (local.get $s) (i32.const 100))))
    (local.get $s))
  ;; Stored as a byte, loaded as one with a sign: not the stored value.
  (func (export "narrow") (param i32 i32) (result i32)
    (i32.store8 (local.get 0) (local.get 1))
    (i32.load8_s (local.get 0))))

;; RUN: load-elimination
(module
  (memory 1)
  (memory $shared 1 1 shared)
  ;; The second load of the same bytes by the same instruction, and a load of what has been stored.
  (func (export "same") (param i32 v128) (result v128 v128 v128)
    (v128.load32_splat (local.get 0))
    (v128.load32_splat (local.get 0))
    (v128.store offset=16 (local.get 0) (local.get 1))
    (v128.load offset=16 (local.get 0)))
  ;; Loads that make other vectors of the same bytes, and a store into the middle of 16 bytes.
  (func (export "other") (param i32 v128) (result v128 v128 v128)
    (v128.load64_splat (local.get 0))
    (v128.load64_zero (local.get 0))
    (v128.store (local.get 0) (local.get 1))
    (i32.store8 offset=15 (local.get 0) (i32.const 1))
    (v128.load (local.get 0)))
  ;; A load of a lane keeps the other lanes of its operand; a store of a lane changes memory.
  (func (export "lanes") (param i32 v128 v128) (result v128 v128 v128)
    (v128.load8_lane 3 (local.get 0) (local.get 1))
    (v128.load8_lane 3 (local.get 0) (local.get 2))
    (v128.store (local.get 0) (local.get 1))
    (v128.store8_lane 3 (local.get 0) (local.get 2))
    (v128.load (local.get 0)))
  ;; Behind a fence or an atomic, memory holds what other threads have written.
  (func (export "fence") (param i32) (result i32 i32 i32 i32)
    (i32.load $shared (local.get 0))
    (atomic.fence)
    (i32.load $shared (local.get 0))
    (drop (i32.atomic.load $shared offset=8 (local.get 0)))
    (i32.load $shared (local.get 0))
    (i32.atomic.load $shared (local.get 0))))

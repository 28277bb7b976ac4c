;; RUN: simplify,dce
(module
  (func $scale (param i32) (result i32) (i32.mul (i32.const 8) (local.get 0)))
  (func $fold (result i32) (i32.add (i32.const 2) (i32.const 3)))
  (func $not_less (param i64 i64) (result i32) (i32.eqz (i64.lt_s (local.get 0) (local.get 1))))
  (func $shift_of_32_is_no_shift (param i32) (result i32) (i32.shl (local.get 0) (i32.const 32)))
  (func $shift_pair (param i32) (result i32)
    (i32.shr_s (i32.add (i32.shl (local.get 0) (i32.const 8)) (i32.const -262144)) (i32.const 8))))

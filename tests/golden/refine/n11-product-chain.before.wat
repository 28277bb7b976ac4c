;; Products of unknowns are compared operand by operand: the operands are equal, though written in another way.
(module (func (export "g") (param $a i32) (param $b i32) (param $c i32) (result i32)
  (i32.mul
    (i32.xor
      (i32.mul (i32.xor (i32.mul (i32.xor (local.get $a) (local.get $b)) (local.get $c)) (i32.shr_u (local.get $a) (i32.const 7)))
        (i32.add (local.get $b) (local.get $c)))
      (i32.const 77))
    (local.get $a))))

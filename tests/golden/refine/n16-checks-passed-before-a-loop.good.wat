(module (memory (export "m") 1)
  (func (export "g") (param $p i32) (param $n i32) (result i32) (local $sum i32) (local $byte i32)
    (local.set $sum (local.tee $byte (i32.load8_u (local.get $p))))
    (loop $l
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $byte)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.store (i32.const 8) (local.get $sum))
    (local.get $sum)))

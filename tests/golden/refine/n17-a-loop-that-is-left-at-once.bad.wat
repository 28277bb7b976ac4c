(module (memory (export "m") 1)
  (func (export "g") (param $p i32) (param $n i32) (result i32)
    (if (i32.gt_u (local.get $p) (i32.const 15)) (then (unreachable)))
    (loop $l
      (i32.store8 (local.get $p) (i32.const 4))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $p)))

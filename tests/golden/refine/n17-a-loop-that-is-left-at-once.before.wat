;; With what it starts from, the first loop has one round. The other side has only the second loop.
(module (memory (export "m") 1)
  (func (export "g") (param $p i32) (param $n i32) (result i32) (local $k i32) (local $size i32)
    (local.set $k (i32.const 3))
    (loop $class
      (local.set $size (i32.shl (i32.const 1) (local.tee $k (i32.add (local.get $k) (i32.const 1)))))
      (br_if $class (i32.lt_u (local.get $size) (i32.const 16))))
    (if (i32.gt_u (local.get $p) (local.get $size)) (then (unreachable)))
    (loop $l
      (i32.store8 (local.get $p) (local.get $k))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $p)))

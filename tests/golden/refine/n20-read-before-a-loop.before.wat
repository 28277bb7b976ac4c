;; The byte is read after a loop that writes nothing: it is what can be read before it.
(module (memory (export "m") 1)
  (func (export "g") (param $p i32) (param $q i32) (param $n i32) (result i32) (local $sum i32) (local $byte i32)
    (if (i32.and (local.get $n) (i32.const 1)) (then (local.set $p (local.get $q))
      (loop $first
        (i32.store8 (local.get $q) (local.get $n))
        (br_if $first (i32.lt_u (local.tee $q (i32.add (local.get $q) (i32.const 1))) (i32.const 64))))))
    (local.set $p (i32.and (local.get $p) (i32.const 0xfff)))
    (i32.store8 (local.get $p) (i32.add (i32.load8_u (local.get $p)) (i32.const 3)))
    (i32.store (i32.const 128) (local.get $n))
    (loop $l
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load8_u (local.get $n))))
      (br_if $l (local.tee $n (i32.shr_u (local.get $n) (i32.const 1)))))
    (local.set $byte (i32.load8_u (local.get $p)))
    (i32.store (i32.const 8) (local.get $sum))
    (i32.add (local.get $sum) (local.get $byte))))

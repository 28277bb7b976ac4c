(module (memory 1) (export "m" (memory 0))
  (func (export "g") (local i32 i32)
    (local.set 0 (i32.const 2))
    (loop
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (if (local.get 0) (then (local.set 1 (i32.const 9))))
      (i32.store (i32.const 0) (local.get 1))
      (br_if 0 (local.get 0)))))

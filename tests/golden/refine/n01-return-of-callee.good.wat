(module (memory 1) (export "m" (memory 0))
  (func (export "g") (param i32)
    (block (br_if 0 (local.get 0)) (i32.store (i32.const 0) (i32.const 1)))
    (i32.store (i32.const 4) (i32.const 2))))

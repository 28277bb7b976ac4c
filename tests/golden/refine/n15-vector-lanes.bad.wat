(module
  (func (export "g") (param i32 i32) (result i32)
    (i32.add (i32.and (local.get 0) (local.get 1)) (i32.const 0xFFFB))))

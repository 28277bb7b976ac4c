(module (memory 1) (func (export "g") (param i32) (result i32) (i32.load (i32.sub (local.get 0) (i32.const -16)))))

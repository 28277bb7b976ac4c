(module (memory 1) (export "m" (memory 0)) (func (export "g") (i32.store (i32.const 0) (i32.const 1))))

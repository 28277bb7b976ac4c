(module (func (export "g") (param i32) (result i32) (local.get 0)))

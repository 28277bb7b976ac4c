(module (import "e" "p" (func $p (param i32))) (func (export "g") (param i32) (call $p (local.get 0))))

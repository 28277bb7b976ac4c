(module (import "e" "p" (func $p (param i32))) (func (export "g") (param i32) (call $p (i32.const 5))))

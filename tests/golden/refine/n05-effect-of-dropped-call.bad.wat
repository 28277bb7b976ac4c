(module (import "e" "p" (func $p (param i32))) (global $c (mut i32) (i32.const 0))
  (func $k (result i32) (i32.const 7))
  (func (export "g") (result i32) (drop (call $k)) (call $p (i32.const 1)) (global.get $c)))

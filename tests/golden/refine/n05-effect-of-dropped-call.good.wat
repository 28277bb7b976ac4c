(module (import "e" "p" (func $p (param i32))) (global $c (mut i32) (i32.const 0))
  (func (export "g") (result i32)
    (global.set $c (i32.add (i32.const 1) (global.get $c)))
    (call $p (i32.const 1)) (global.get $c)))

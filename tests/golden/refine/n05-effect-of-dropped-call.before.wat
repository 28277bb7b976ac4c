;; The import shifts the function indices: $t writes $c, $k does not. g returns 1.
(module (import "e" "p" (func $p (param i32))) (global $c (mut i32) (i32.const 0))
  (func $t (result i32) (global.set $c (i32.add (global.get $c) (i32.const 1))) (i32.const 0))
  (func $k (result i32) (i32.const 7))
  (func (export "g") (result i32) (drop (call $t)) (drop (call $k)) (call $p (i32.const 1)) (global.get $c)))

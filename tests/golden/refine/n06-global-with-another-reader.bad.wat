(module (global $s (mut i32) (i32.const 0))
  (func (export "set") (param i32) (result i32) (local.get 0))
  (func (export "get") (result i32) (global.get $s)))

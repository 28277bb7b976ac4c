;; Shift counts are taken modulo 32.
(module (func (export "g") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 32))))

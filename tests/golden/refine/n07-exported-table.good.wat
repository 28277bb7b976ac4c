(module (type $t (func (result i32))) (table (export "t") 1 funcref) (elem (i32.const 0) $a)
  (func (export "g") (result i32) (local i32) (call_indirect (type $t) (local.get 0)))
  (func $a (result i32) (i32.const 1)))

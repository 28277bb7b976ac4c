;; The host may replace the entry of an exported table.
(module (type $t (func (result i32))) (table (export "t") 1 funcref) (elem (i32.const 0) $a)
  (func $a (result i32) (i32.const 1))
  (func (export "g") (result i32) (call_indirect (type $t) (i32.const 0))))

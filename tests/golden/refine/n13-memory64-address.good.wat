(module (memory (export "m") i64 1 4)
  (func (export "g") (param i64 i64) (result i64)
    (i64.store offset=8 (local.get 0) (local.get 1))
    (i64.add (local.get 1) (i64.shl (memory.size) (i64.const 2)))))

(module (memory (export "m") 16 16 (pagesize 1))
  (func (export "g") (param i32) (result i32)
    (i32.add (i32.load (i32.and (local.get 0) (i32.const 12))) (i32.const 32))))

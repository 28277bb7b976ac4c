;; A memory of 16 pages of one byte ends at 16.
(module (memory (export "m") 16 16 (pagesize 1))
  (func (export "g") (param i32) (result i32)
    (i32.add (i32.load (i32.and (local.get 0) (i32.const 12))) (i32.mul (memory.size) (i32.const 2)))))

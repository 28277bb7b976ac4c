;; A 64-bit address does not wrap at 32 bits, and a sum with the offset does not wrap at 64.
(module (memory (export "m") i64 1 4)
  (func (export "g") (param i64 i64) (result i64)
    (i64.store offset=8 (local.get 0) (local.get 1))
    (i64.add (i64.load offset=8 (local.get 0)) (i64.mul (memory.size) (i64.const 4)))))

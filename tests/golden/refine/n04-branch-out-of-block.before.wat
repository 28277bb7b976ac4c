;; A branch to the end of a block goes on behind it.
(module (memory 1) (export "m" (memory 0)) (func (export "g") (block (br 0)) (i32.store (i32.const 0) (i32.const 1))))

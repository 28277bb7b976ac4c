;; g(-16) reads address 0: the sum wraps, an offset does not.
(module (memory 1) (func (export "g") (param i32) (result i32) (i32.load offset=0 (i32.add (local.get 0) (i32.const 16)))))

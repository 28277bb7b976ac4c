(module (import "e" "i" (global i32)) (memory 1) (export "m" (memory 0))
  (func (export "g") (i32.store (i32.const 0) (global.get 0))))

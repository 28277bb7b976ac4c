;; An imported base address folds into the segments and the code that use it.
;; call: read() -> 0xddccbbaa
(component
  (core module $env
    (memory (export "memory") 2)
    (global (export "__memory_base") i32 (i32.const 65536)))
  (core module $pic
    (import "env" "memory" (memory 2))
    (import "env" "__memory_base" (global $base i32))
    (data (global.get $base) "\aa\bb\cc\dd")
    (func (export "read") (result i32) (i32.load (global.get $base))))
  (core instance $e (instantiate $env))
  (core instance $p (instantiate $pic (with "env" (instance $e))))
  (func (export "read") (result u32) (canon lift (core func $p "read"))))

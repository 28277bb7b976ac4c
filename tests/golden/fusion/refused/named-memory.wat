;; An export with the name under which the host finds the memory.
;; error: PULSE2008 memory
(component
  (core module $m (memory (export "mem") 1) (func (export "f") (param i32 i32) (result i32) (i32.const 1)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16)) (func (export "m") (result i32) (i32.const 3)))
  (core instance $i (instantiate $m))
  (func (export "f") (param "s" string) (result u32) (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc"))))
  (func (export "memory") (result u32) (canon lift (core func $i "m"))))

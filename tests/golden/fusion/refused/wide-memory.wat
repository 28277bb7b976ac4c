;; A lift through a 64-bit memory.
;; error: PULSE2010 a 64-bit memory
(component
  (core module $m (memory (export "mem") i64 1)
    (func (export "f") (param i64 i64) (result i32) (i32.const 0))
    (func (export "realloc") (param i64 i64 i64 i64) (result i64) (i64.const 0)))
  (core instance $i (instantiate $m))
  (func (export "f") (param "s" string) (result u32) (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))

;; One memory without an allocator, from which strings in two encodings pass to the host.
(component
  (core module $m (memory (export "mem") 1)
    (data (i32.const 8) "\20\00\00\00\03\00\00\00" "\28\00\00\00\03\00\00\00") (data (i32.const 32) "abc") (data (i32.const 40) "d\00\e9\00f\00")
    (func (export "f") (result i32) (i32.const 8))
    (func (export "g") (result i32) (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "f") (result string) (canon lift (core func $i "f") (memory (core memory $i "mem"))))
  (func (export "g") (result string) (canon lift (core func $i "g") (memory (core memory $i "mem")) string-encoding=utf16)))

;; Two components return strings to the host from memories without allocators.
(component
  (component $C
    (core module $m (memory (export "mem") 1) (data (i32.const 8) "\10\00\00\00\03\00\00\00abc") (func (export "f") (result i32) (i32.const 8)))
    (core instance $i (instantiate $m))
    (func (export "f") (result string) (canon lift (core func $i "f") (memory (core memory $i "mem")))))
  (instance $a (instantiate $C))
  (instance $b (instantiate $C))
  (export "f" (func $a "f"))
  (export "g" (func $b "f")))

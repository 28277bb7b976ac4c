;; A start function runs before the segments of later instances apply: it sees none of them, and they overwrite what it wrote.
;; call: run() -> 0x105
(component
  (core module $first
    (memory (export "mem") 1)
    (func $start
      (i32.store8 offset=4 (i32.const 0) (i32.load8_u (i32.const 0)))
      (i32.store8 (i32.const 0) (i32.const 9))
      (i32.store8 offset=5 (i32.const 0) (i32.const 1)))
    (start $start))
  (core module $second
    (import "first" "mem" (memory 1))
    (data (i32.const 0) "\05")
    (func (export "run") (result i32)
      (i32.add (i32.load8_u (i32.const 0))
        (i32.add (i32.load8_u offset=4 (i32.const 0)) (i32.shl (i32.load8_u offset=5 (i32.const 0)) (i32.const 8))))))
  (core instance $f (instantiate $first))
  (core instance $s (instantiate $second (with "first" (instance $f))))
  (func (export "run") (result u32) (canon lift (core func $s "run"))))

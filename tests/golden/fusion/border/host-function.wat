;; A component that exports functions of the host as they are, one of them beside its own.
(component
  (import "h:h/a" (instance $h
    (export "r" (type $r (sub resource)))
    (export "half" (func (param "x" u8) (result u8)))
    (export "same" (func (param "r" (borrow $r)) (param "s" (borrow $r)) (result bool)))))
  (core func $half (canon lower (func $h "half")))
  (core module $m (import "h" "half" (func $half (param i32) (result i32))) (func (export "quarter") (param i32) (result i32) (call $half (call $half (local.get 0)))))
  (core instance $i (instantiate $m (with "h" (instance (export "half" (func $half))))))
  (func $quarter (param "x" u8) (result u8) (canon lift (core func $i "quarter")))
  (export "h:h/b" (instance $h))
  (export "quarter" (func $quarter)))

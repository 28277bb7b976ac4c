;; error: PULSE2010 which passes to the host but which the world does not export
(component
  (core module $m (func (export "f") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (type $r (resource (rep i32)))
  (func $f (result (own $r)) (canon lift (core func $i "f")))
  (component $C (import "r" (type $r (sub resource))) (import "f" (func $f (result (own $r)))) (export "f" (func $f)))
  (instance $c (instantiate $C (with "r" (type $r)) (with "f" (func $f))))
  (export "f" (func $c "f")))

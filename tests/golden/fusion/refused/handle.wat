;; error: PULSE2010 resource handle
(component
  (core module $m (func (export "f") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (type $r' (resource (rep i32)))
  (export $r "r" (type $r'))
  (func (export "f") (result (own $r)) (canon lift (core func $i "f"))))

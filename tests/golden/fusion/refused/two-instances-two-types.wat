;; error: PULSE2003 is given where
(component
  (component $C
    (type $r' (resource (rep i32)))
    (export $r "r" (type $r'))
    (core module $m (func (export "f") (result i32) (i32.const 0)) (func (export "g") (param i32)))
    (core instance $i (instantiate $m))
    (func (export "f") (result (own $r)) (canon lift (core func $i "f")))
    (func (export "g") (param "r" (own $r)) (canon lift (core func $i "g"))))
  (component $U
    (import "c" (instance $c (export "r" (type $r (sub resource))) (export "f" (func (result (own $r))))))
    (alias export $c "r" (type $r))
    (import "g" (func $g (param "r" (own $r)))))
  (instance $c1 (instantiate $C))
  (instance $c2 (instantiate $C))
  (instance $u (instantiate $U (with "c" (instance $c1)) (with "g" (func $c2 "g")))))

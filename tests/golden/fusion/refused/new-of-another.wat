;; error: PULSE2003 canon resource.new is for a resource that the component defines
(component
  (component $C
    (import "r" (type $r (sub resource)))
    (core func $new (canon resource.new $r)))
  (type $r' (resource (rep i32)))
  (instance $c (instantiate $C (with "r" (type $r')))))

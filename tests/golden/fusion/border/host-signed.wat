;; A function of the host with the type that host-unsigned.wat does not give it.
(component (import "h:h/x" (instance $h (export "f" (func (param "a" s32)))))
    (core func $f (canon lower (func $h "f"))) (core module $m (import "h" "f" (func $f (param i32))) (func (export "g") (call $f (i32.const 1))))
    (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f)))))) (func (export "g3") (canon lift (core func $i "g"))))

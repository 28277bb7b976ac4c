;; No module has a memory: the tables of both components lie in one, of a size that is fixed.
;; call: numbering() -> 0x3010201
;; call: full() -> 126
;; call: too-many() -> trap
(component
  (component $C
    (core module $state (global $last (mut i32) (i32.const 0)) (func (export "dtor") (param i32) (global.set $last (local.get 0))) (func (export "last") (result i32) (global.get $last)))
    (core instance $s (instantiate $state))
    (type $r' (resource (rep i32) (dtor (core func $s "dtor"))))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r))
    (core module $m
      (import "r" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
    (core instance $i (instantiate $m (with "r" (instance (export "new" (func $new))))))
    (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $i "make")))
    (func (export "last") (result u32) (canon lift (core func $s "last"))))
  (component $U
    (import "c" (instance $c (export "r" (type $r (sub resource))) (export "make" (func (param "rep" u32) (result (own $r)))) (export "last" (func (result u32)))))
    (alias export $c "r" (type $r))
    (core func $make (canon lower (func $c "make")))
    (core func $last (canon lower (func $c "last")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "c" "make" (func $make (param i32) (result i32)))
      (import "c" "last" (func $last (result i32)))
      (import "c" "drop" (func $drop (param i32)))
      (func (export "numbering") (result i32) (local $a i32) (local $b i32)
        (local.set $a (call $make (i32.const 3)))
        (local.set $b (call $make (i32.const 4)))
        (call $drop (local.get $a))
        (i32.or (i32.or (local.get $a) (i32.shl (local.get $b) (i32.const 8)))
          (i32.or (i32.shl (call $make (i32.const 5)) (i32.const 16)) (i32.shl (call $last) (i32.const 24)))))
      (func $fill (param $n i32) (result i32) (local $last i32)
        (loop
          (local.set $last (call $make (i32.const 3)))
          (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $last))
      (func (export "full") (result i32) (call $fill (i32.const 126)))
      (func (export "too-many") (result i32) (call $fill (i32.const 127))))
    (core instance $i (instantiate $m (with "c" (instance (export "make" (func $make)) (export "last" (func $last)) (export "drop" (func $drop))))))
    (func (export "numbering") (result u32) (canon lift (core func $i "numbering")))
    (func (export "full") (result u32) (canon lift (core func $i "full")))
    (func (export "too-many") (result u32) (canon lift (core func $i "too-many"))))
  (instance $c (instantiate $C))
  (instance $u (instantiate $U (with "c" (instance $c))))
  (export "numbering" (func $u "numbering"))
  (export "full" (func $u "full"))
  (export "too-many" (func $u "too-many")))

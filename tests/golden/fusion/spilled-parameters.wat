;; Seventeen flat parameters pass through memory, the option's string among them.
;; call: run() -> 0x5a0f
;; call: misaligned() -> trap
(component
  (component $B
    (core module $m
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 4096))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
        (global.set $next (i32.add (local.get $at) (i32.add (local.get 3) (i32.const 1))))
        (local.get $at))
      (func (export "f") (param $area i32) (result i32)
        (i32.or
          (i32.shl (i32.load8_u (i32.load offset=60 (local.get $area))) (i32.const 8))
          (i32.add (i32.load offset=52 (local.get $area)) (i32.load8_u offset=56 (local.get $area))))))
    (core instance $i (instantiate $m))
    (func (export "f")
      (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32) (param "f" u32) (param "g" u32) (param "h" u32)
      (param "i" u32) (param "j" u32) (param "k" u32) (param "l" u32) (param "m" u32) (param "n" u32) (param "o" (option string)) (result u32)
      (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
  (component $A
    (import "f" (func $f
      (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32) (param "f" u32) (param "g" u32) (param "h" u32)
      (param "i" u32) (param "j" u32) (param "k" u32) (param "l" u32) (param "m" u32) (param "n" u32) (param "o" (option string)) (result u32)))
    (core module $memory (memory (export "mem") 1) (data (i32.const 8) "Z"))
    (core instance $mem (instantiate $memory))
    (core func $lf (canon lower (func $f) (memory (core memory $mem "mem"))))
    (core module $m
      (import "b" "f" (func $f (param i32) (result i32)))
      (import "mem" "mem" (memory 1))
      (func $fill
        (i32.store (i32.const 308) (i32.const 14))
        (i32.store8 (i32.const 312) (i32.const 1))
        (i32.store (i32.const 316) (i32.const 8))
        (i32.store (i32.const 320) (i32.const 1)))
      (func (export "run") (result i32) (call $fill) (call $f (i32.const 256)))
      (func (export "misaligned") (result i32) (call $fill) (call $f (i32.const 257))))
    (core instance $i (instantiate $m (with "b" (instance (export "f" (func $lf)))) (with "mem" (instance $mem))))
    (func (export "run") (result u32) (canon lift (core func $i "run")))
    (func (export "misaligned") (result u32) (canon lift (core func $i "misaligned"))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "f" (func $b "f"))))
  (export "run" (func $a "run"))
  (export "misaligned" (func $a "misaligned")))

;; One caller, two callees, three encodings of edges: utf16 to utf8, utf8 to utf16, and a parameter before the string.
;; The text is é€😀: c3a9 e282ac f09f9880 in UTF-8, 00e9 20ac d83d de00 in UTF-16.
;; call: to-utf8() -> 0x7000623
;; call: to-utf16() -> 0x40B82
;; call: ascii() -> 0x7020083
;; call: lone-surrogate() -> trap
(component
  (component $B8
    (core module $m
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 4096))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next (i32.add (local.get $at) (local.get 3)))
        (memory.copy (local.get $at) (local.get 0) (select (local.get 1) (local.get 3) (i32.lt_u (local.get 1) (local.get 3))))
        (local.get $at))
      (func (export "f") (param $n i32) (param $p i32) (param $len i32) (result i32) (local $sum i32)
        (block (loop
          (br_if 1 (i32.eqz (local.get $len)))
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (local.set $len (i32.sub (local.get $len) (i32.const 1)))
          (br 0)))
        (i32.or (i32.shl (local.get $n) (i32.const 24)) (local.get $sum))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "n" u32) (param "s" string) (result u32)
      (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")) string-encoding=utf8)))
  (component $B16
    (core module $m
      (memory (export "mem") 1)
      (global $next (mut i32) (i32.const 4096))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
        (global.set $next (i32.add (local.get $at) (local.get 3)))
        (memory.copy (local.get $at) (local.get 0) (select (local.get 1) (local.get 3) (i32.lt_u (local.get 1) (local.get 3))))
        (local.get $at))
      (func (export "g") (param $p i32) (param $len i32) (result i32) (local $sum i32) (local $units i32)
        (local.set $units (local.get $len))
        (block (loop
          (br_if 1 (i32.eqz (local.get $len)))
          (local.set $sum (i32.xor (i32.shl (local.get $sum) (i32.const 1)) (i32.load16_u (local.get $p))))
          (local.set $p (i32.add (local.get $p) (i32.const 2)))
          (local.set $len (i32.sub (local.get $len) (i32.const 1)))
          (br 0)))
        (i32.add (i32.shl (local.get $units) (i32.const 16)) (i32.and (local.get $sum) (i32.const 0xfff)))))
    (core instance $i (instantiate $m))
    (func (export "g") (param "s" string) (result u32)
      (canon lift (core func $i "g") (memory (core memory $i "mem")) (realloc (core func $i "realloc")) string-encoding=utf16)))
  (component $A
    (import "f" (func $f (param "n" u32) (param "s" string) (result u32)))
    (import "g" (func $g (param "s" string) (result u32)))
    (core module $memory (memory (export "mem") 1)
      (data (i32.const 64) "\e9\00\ac\20\3d\d8\00\de")
      (data (i32.const 80) "\c3\a9\e2\82\ac\f0\9f\98\80")
      (data (i32.const 96) "A\00B\00"))
    (core instance $mem (instantiate $memory))
    (core func $lf (canon lower (func $f) (memory (core memory $mem "mem")) string-encoding=utf16))
    (core func $lg (canon lower (func $g) (memory (core memory $mem "mem")) string-encoding=utf8))
    (core module $m
      (import "b" "f" (func $f (param i32 i32 i32) (result i32)))
      (import "b" "g" (func $g (param i32 i32) (result i32)))
      (func (export "to-utf8") (result i32) (call $f (i32.const 7) (i32.const 64) (i32.const 4)))
      (func (export "to-utf16") (result i32) (call $g (i32.const 80) (i32.const 9)))
      (func (export "ascii") (result i32) (i32.or (i32.const 0x20000) (call $f (i32.const 7) (i32.const 96) (i32.const 2))))
      (func (export "lone-surrogate") (result i32) (call $f (i32.const 7) (i32.const 64) (i32.const 3))))
    (core instance $i (instantiate $m (with "b" (instance (export "f" (func $lf)) (export "g" (func $lg))))))
    (func (export "to-utf8") (result u32) (canon lift (core func $i "to-utf8")))
    (func (export "to-utf16") (result u32) (canon lift (core func $i "to-utf16")))
    (func (export "ascii") (result u32) (canon lift (core func $i "ascii")))
    (func (export "lone-surrogate") (result u32) (canon lift (core func $i "lone-surrogate"))))
  (instance $b8 (instantiate $B8))
  (instance $b16 (instantiate $B16))
  (instance $a (instantiate $A (with "f" (func $b8 "f")) (with "g" (func $b16 "g"))))
  (export "to-utf8" (func $a "to-utf8"))
  (export "to-utf16" (func $a "to-utf16"))
  (export "ascii" (func $a "ascii"))
  (export "lone-surrogate" (func $a "lone-surrogate")))

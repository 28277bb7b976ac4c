;; Core values that a type does not have wrap, become "not zero" or trap, on the way in and on the way out.
;; call: as-u8(300) -> 44
;; call: as-s8(200) -> 0xffffffc8
;; call: as-u16(65537) -> 1
;; call: as-bool(2) -> 1
;; call: as-flags(255) -> 7
;; call: as-char(0x10ffff) -> 0x10ffff
;; call: as-char(0xd800) -> trap
;; call: as-char(0x110000) -> trap
;; call: as-enum(1) -> 1
;; call: as-enum(2) -> trap
(component
  (component $B
    (core module $m (func (export "id") (param i32) (result i32) (local.get 0))
      (func (export "wide") (param i32) (result i32) (i32.or (local.get 0) (i32.const 0xffff0000))))
    (core instance $i (instantiate $m))
    (type $fl' (flags "a" "b" "c"))
    (export $fl "fl" (type $fl'))
    (type $en' (enum "p" "q"))
    (export $en "en" (type $en'))
    (func (export "u8") (param "x" u8) (result u8) (canon lift (core func $i "wide")))
    (func (export "s8") (param "x" s8) (result s8) (canon lift (core func $i "id")))
    (func (export "u16") (param "x" u16) (result u16) (canon lift (core func $i "wide")))
    (func (export "bool") (param "x" bool) (result bool) (canon lift (core func $i "wide")))
    (func (export "flags") (param "x" $fl) (result $fl) (canon lift (core func $i "wide")))
    (func (export "char") (param "x" char) (result char) (canon lift (core func $i "id")))
    (func (export "enum") (param "x" $en) (result $en) (canon lift (core func $i "id"))))
  (component $A
    (import "b" (instance $b
      (type $fl' (flags "a" "b" "c")) (export "fl" (type $fl (eq $fl')))
      (type $en' (enum "p" "q")) (export "en" (type $en (eq $en')))
      (export "u8" (func (param "x" u8) (result u8)))
      (export "s8" (func (param "x" s8) (result s8)))
      (export "u16" (func (param "x" u16) (result u16)))
      (export "bool" (func (param "x" bool) (result bool)))
      (export "flags" (func (param "x" $fl) (result $fl)))
      (export "char" (func (param "x" char) (result char)))
      (export "enum" (func (param "x" $en) (result $en)))))
    (core func $u8 (canon lower (func $b "u8")))
    (core func $s8 (canon lower (func $b "s8")))
    (core func $u16 (canon lower (func $b "u16")))
    (core func $bool (canon lower (func $b "bool")))
    (core func $flags (canon lower (func $b "flags")))
    (core func $char (canon lower (func $b "char")))
    (core func $enum (canon lower (func $b "enum")))
    (func (export "as-u8") (param "x" u32) (result u32) (canon lift (core func $u8)))
    (func (export "as-s8") (param "x" u32) (result u32) (canon lift (core func $s8)))
    (func (export "as-u16") (param "x" u32) (result u32) (canon lift (core func $u16)))
    (func (export "as-bool") (param "x" u32) (result u32) (canon lift (core func $bool)))
    (func (export "as-flags") (param "x" u32) (result u32) (canon lift (core func $flags)))
    (func (export "as-char") (param "x" u32) (result u32) (canon lift (core func $char)))
    (func (export "as-enum") (param "x" u32) (result u32) (canon lift (core func $enum))))
  (instance $b (instantiate $B))
  (instance $a (instantiate $A (with "b" (instance $b))))
  (export "as-u8" (func $a "as-u8"))
  (export "as-s8" (func $a "as-s8"))
  (export "as-u16" (func $a "as-u16"))
  (export "as-bool" (func $a "as-bool"))
  (export "as-flags" (func $a "as-flags"))
  (export "as-char" (func $a "as-char"))
  (export "as-enum" (func $a "as-enum")))

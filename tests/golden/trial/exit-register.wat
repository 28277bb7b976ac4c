;; Registers are set up, work is done, and the last writes stand before a loop that never ends.
(module
  (import "pulse:hal/mmio" "read32" (func $read (param i32) (result i32)))
  (import "pulse:hal/mmio" "write32" (func $write (param i32 i32)))
  (func (export "run") (local $i i32)
    (call $write (i32.const 0x40021018) (i32.const 4))
    (call $write (i32.const 0x40010800) (i32.const 0x44444433))
    (loop $pulses
      (call $write (i32.const 0x40010810) (i32.shl (i32.const 1) (i32.and (local.get $i) (i32.const 15))))
      (loop $wait (br_if $wait (i32.eqz (i32.and (call $read (i32.const 0x40013800)) (i32.const 128)))))
      (call $write (i32.const 0x40013804) (i32.add (local.get $i) (i32.const 65)))
      (br_if $pulses (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (call $write (i32.const 0x40010814) (i32.const 1))
    (call $write (i32.const 0x40000000) (i32.const 0))
    (loop $stop (br $stop))))

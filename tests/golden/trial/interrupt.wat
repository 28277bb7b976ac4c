;; A handler counts and queues; the main code looks.
(module
  (import "pulse:hal/mmio" "read32" (func $read (param i32) (result i32)))
  (import "pulse:hal/cpu" "wfi" (func $wfi))
  (memory (export "memory") 1)
  (global $ticks (mut i32) (i32.const 0))
  (func (export "on-tick") (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
  (func (export "on-uart")
    (i32.store8 (i32.add (i32.const 64) (i32.and (i32.load (i32.const 32)) (i32.const 15))) (call $read (i32.const 0x4000C000)))
    (i32.store (i32.const 32) (i32.add (i32.load (i32.const 32)) (i32.const 1))))
  (func (export "next") (result i32) (local $at i32)
    (loop $wait
      (if (i32.eq (i32.load (i32.const 32)) (i32.load (i32.const 36))) (then (call $wfi) (br $wait))))
    (local.set $at (i32.load (i32.const 36)))
    (i32.store (i32.const 36) (i32.add (local.get $at) (i32.const 1)))
    (i32.load8_u (i32.add (i32.const 64) (i32.and (local.get $at) (i32.const 15)))))
  (func (export "age") (param i32) (result i32) (i32.sub (global.get $ticks) (local.get 0)))
  (@custom "pulse.memory" "\80\04")
  (@custom "pulse.interrupts" "\01\02\07on-tick\00\00\07on-uart\00\00"))

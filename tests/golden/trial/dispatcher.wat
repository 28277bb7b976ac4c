;; A task switcher that never ends: tasks are functions of a table, one of them polls, one waits in a loop of its own.
(module
  (type $task (func))
  (import "sys" "now" (func $now (result i32)))
  (import "sys" "out" (func $out (param i32)))
  (import "sys" "halted" (func $halted (result i32)))
  (table 3 3 funcref)
  (elem (i32.const 0) $blink $poll $wait)
  (memory (export "memory") 1)
  (func $blink (i32.store (i32.const 8) (i32.xor (i32.load (i32.const 8)) (i32.const 1))) (call $out (i32.load (i32.const 8))))
  (func $poll (if (i32.eq (call $now) (i32.const 100)) (then (call $out (i32.const 2)))))
  (func $wait (loop $again (if (i32.lt_s (call $now) (i32.const 0)) (then (call $out (i32.const 3)) (br $again)))))
  (func (export "run") (local $i i32)
    (loop $forever
      (call_indirect (type $task) (i32.rem_u (local.get $i) (i32.const 3)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (call $halted) (then (call $out (i32.const 99)) (loop $stop (call $out (i32.const 98)) (br $stop))))
      (br $forever))))

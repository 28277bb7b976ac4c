;; A string goes out byte by byte; the line is polled before each.
(module
  (import "uart" "ready" (func $ready (result i32)))
  (import "uart" "put" (func $put (param i32)))
  (memory (export "memory") 1)
  (global $sent (export "sent") (mut i32) (i32.const 0))
  (data (i32.const 16) "hello\00")
  (func $send (param $c i32)
    (loop $wait (br_if $wait (i32.eqz (i32.and (call $ready) (i32.const 1)))))
    (call $put (local.get $c))
    (global.set $sent (i32.add (global.get $sent) (i32.const 1))))
  (func (export "write") (param $at i32) (local $c i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.tee $c (i32.load8_u (i32.and (local.get $at) (i32.const 31))))))
        (call $send (local.get $c))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))))

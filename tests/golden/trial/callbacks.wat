;; The host may call back while it is called, and the module looks at its state again afterwards.
(module
  (import "host" "wait" (func $wait (result i32)))
  (import "host" "log" (func $log (param i32)))
  (memory $shared (export "shared") 1)
  (memory $own 1)
  (global $pending (mut i32) (i32.const 0))
  (func (export "notify") (param i32)
    (global.set $pending (i32.or (global.get $pending) (local.get 0)))
    (i32.store $own (i32.const 8) (local.get 0)))
  (func (export "serve") (param $n i32) (result i32) (local $got i32)
    (local.set $n (i32.and (local.get $n) (i32.const 7)))
    (block $out
      (loop $more
        (br_if $out (i32.eqz (local.get $n)))
        (global.set $pending (i32.const 0))
        (if (i32.lt_s (call $wait) (i32.const 0)) (then (br $out)))
        (local.set $got (i32.add (local.get $got) (global.get $pending)))
        (call $log (i32.load $own (i32.const 8)))
        (i32.store $shared (i32.const 4) (local.get $got))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $more)))
    (i32.add (local.get $got) (i32.load $shared (i32.const 0)))))

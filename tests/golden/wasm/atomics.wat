(module
  (memory $m 1 2 shared)
  (func $lock (param $at i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (i32.atomic.rmw.cmpxchg $m (local.get $at) (i32.const 0) (i32.const 1))))
        (drop (memory.atomic.wait32 $m (local.get $at) (i32.const 1) (i64.const -1)))
        (br $again))))
  (func $unlock (param $at i32)
    (i32.atomic.store (local.get $at) (i32.const 0))
    atomic.fence
    (drop (memory.atomic.notify offset=8 (local.get $at) (i32.const 1)))
    (drop (i64.atomic.rmw16.xchg_u (local.get $at) (i64.atomic.load8_u (local.get $at)))))
)

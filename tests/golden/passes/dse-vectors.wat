;; RUN: dse
(module
  (memory 1)
  (memory $shared 1 1 shared)
  (func (export "covered") (param i32 v128)
    (i32.store offset=12 (local.get 0) (i32.const 1))
    (v128.store (local.get 0) (local.get 1)))
  ;; The load of a lane reads what the first store has written.
  (func (export "lane_reads") (param i32 v128) (result v128)
    (v128.store (local.get 0) (local.get 1))
    (v128.load8_lane 3 (local.get 0) (local.get 1))
    (v128.store (local.get 0) (local.get 1)))
  ;; Eight bytes of sixteen stay.
  (func (export "half") (param i32 v128)
    (v128.store (local.get 0) (local.get 1))
    (i64.store (local.get 0) (i64.const 1)))
  ;; Another thread may look in between.
  (func (export "fence") (param i32)
    (i32.store $shared (local.get 0) (i32.const 1))
    (atomic.fence)
    (i32.store $shared (local.get 0) (i32.const 2)))
  (func (export "atomics") (param i32)
    (i32.store $shared (local.get 0) (i32.const 1))
    (drop (i32.atomic.rmw.add $shared (local.get 0) (i32.const 1)))
    (i32.store $shared (local.get 0) (i32.const 2))
    (i32.atomic.store $shared (local.get 0) (i32.const 3))
    (i32.atomic.store $shared (local.get 0) (i32.const 4))))

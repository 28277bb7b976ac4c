;; Blocks with and without parameters, branches, tables of labels, code after a branch.
(module $control
  (func $abs (export "abs") (param $x i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $x) (i32.const 0))
      (then (i32.sub (i32.const 0) (local.get $x)))
      (else (local.get $x))))

  (func $sum (export "sum") (param $n i32) (result i32) (local $total i32)
    block $done
      loop $again
        local.get $n
        i32.eqz
        br_if $done
        (local.set $total (i32.add (local.get $total) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        br $again
      end
    end
    local.get $total)

  (func $swap (param i32 i64) (result i64 i32)
    (local.get 1) (local.get 0))

  (func $pair (export "pair") (result i32) (local $kept i32)
    (i32.const 1) (i64.const 2)
    call $swap
    (block (param i64 i32) (result i32)
      (local.set $kept)
      (i32.wrap_i64))
    (i32.add (local.get $kept)))

  (func $dispatch (export "dispatch") (param i32) (result i32)
    (block $a (block $b (block $c
      (br_table $a $b $c 1 (local.get 0)))
      (return (i32.const 30)))
      (return (i32.const 20)))
    (return (i32.const 10))
    i32.add)

  (func $pick (param i32) (result externref)
    (select (result externref) (ref.null extern) (ref.null extern) (local.get 0)))

  (func $tail (param i32) (result i32)
    (return_call $dispatch (local.get 0))))

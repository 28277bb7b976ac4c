;; Lanes, splats and bitwise operations are exact; arithmetic on lanes is only equal to itself.
(module
  (func (export "g") (param i32 i32) (result i32)
    (i32.add
      (i32x4.extract_lane 1 (v128.and (i32x4.splat (local.get 0)) (i32x4.replace_lane 1 (v128.const i32x4 1 2 3 4) (local.get 1))))
      (i16x8.extract_lane_s 7 (v128.const i16x8 0 0 0 0 0 0 0 -5)))))

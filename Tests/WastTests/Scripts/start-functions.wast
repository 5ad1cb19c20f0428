;; Component-level start functions and the values that pass between them (Explainer.md, 🪙).

;; The start function's result is an argument of the next one, and both ran before the instance is used.
(component
  (core module $m
    (global $state (mut i32) (i32.const 0))
    (func (export "first") (result i32)
      (global.set $state (i32.const 1))
      (i32.const 41))
    (func (export "second") (param i32)
      ;; Traps unless the first one ran before, once.
      (if (i32.ne (global.get $state) (i32.const 1)) (then (unreachable)))
      (global.set $state (i32.add (local.get 0) (i32.const 1))))
    (func (export "state") (result i32) (global.get $state)))
  (core instance $i (instantiate $m))
  (func $first (result u32) (canon lift (core func $i "first")))
  (func $second (param "v" u32) (canon lift (core func $i "second")))
  (func (export "state") (result u32) (canon lift (core func $i "state")))
  (start $first (result (value $v)))
  (start $second (value $v)))
(assert_return (invoke "state") (u32.const 42))

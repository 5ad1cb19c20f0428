;; The shim and fixup modules of wit-component are folded where nobody can tell. A module that runs while the shim's table
;; is empty can: directly, or by way of a module before it.
(assert_trap
  (component
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $shim
      (type $t (func (param i32) (result i32)))
      (table (export "$imports") 1 1 funcref)
      (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0))))
    (core instance $shim (instantiate $shim))
    (core module $main
      (import "" "0" (func $f (param i32) (result i32)))
      (func $start (drop (call $f (i32.const 5))))
      (start $start))
    (core instance $main (instantiate $main (with "" (instance (export "0" (func $shim "0"))))))
    (core module $fixup
      (import "" "0" (func (param i32) (result i32)))
      (import "" "$imports" (table 1 1 funcref))
      (elem (i32.const 0) func 0))
    (core instance $fixup (instantiate $fixup (with "" (instance
      (export "0" (func $new)) (export "$imports" (table $shim "$imports")))))))
  "uninitialized element")
(assert_trap
  (component
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $shim
      (type $t (func (param i32) (result i32)))
      (table (export "$imports") 1 1 funcref)
      (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0))))
    (core instance $shim (instantiate $shim))
    (core module $main
      (import "" "0" (func $f (param i32) (result i32)))
      (func (export "call") (result i32) (call $f (i32.const 5))))
    (core instance $main (instantiate $main (with "" (instance (export "0" (func $shim "0"))))))
    (core module $starts
      (import "main" "call" (func $call (result i32)))
      (func $start (drop (call $call)))
      (start $start))
    (core instance $starts (instantiate $starts (with "main" (instance $main))))
    (core module $fixup
      (import "" "0" (func (param i32) (result i32)))
      (import "" "$imports" (table 1 1 funcref))
      (elem (i32.const 0) func 0))
    (core instance $fixup (instantiate $fixup (with "" (instance
      (export "0" (func $new)) (export "$imports" (table $shim "$imports")))))))
  "uninitialized element")

;; Behind the fixup, all is there.
(component
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $shim
      (type $t (func (param i32) (result i32)))
      (table (export "$imports") 1 1 funcref)
      (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0))))
    (core instance $shim (instantiate $shim))
    (core module $main
      (import "" "0" (func $f (param i32) (result i32)))
      (func (export "call") (result i32) (call $f (i32.const 5))))
    (core instance $main (instantiate $main (with "" (instance (export "0" (func $shim "0"))))))
    (core module $fixup
      (import "" "0" (func (param i32) (result i32)))
      (import "" "$imports" (table 1 1 funcref))
      (elem (i32.const 0) func 0))
    (core instance $fixup (instantiate $fixup (with "" (instance
      (export "0" (func $new)) (export "$imports" (table $shim "$imports"))))))
    (core module $starts
      (import "main" "call" (func $call (result i32)))
      (func $start (drop (call $call)))
      (start $start))
    (core instance $starts (instantiate $starts (with "main" (instance $main))))
    (func (export "call") (result u32) (canon lift (core func $main "call"))))
(assert_return (invoke "call") (u32.const 2))

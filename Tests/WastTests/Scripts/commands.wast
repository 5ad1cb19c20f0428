;; The commands of the script language, each in its forms.

(module $adder
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (global (export "answer") i64 (i64.const 42)))
(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
(assert_return (invoke $adder "add" (i32.const 0x7fff_ffff) (i32.const 1)) (i32.const -2147483648))
(assert_return (get "answer") (i64.const 42))

(register "adder" $adder)
(module
  (import "adder" "add" (func $add (param i32 i32) (result i32)))
  (import "spectest" "print_i32" (func $print (param i32)))
  (func (export "double") (param i32) (result i32)
    (call $print (local.get 0))
    (call $add (local.get 0) (local.get 0))))
(assert_return (invoke "double" (i32.const 21)) (i32.const 42))
(assert_return (invoke $adder "add" (i32.const 0) (i32.const 0)) (i32.const 0))

(module definition $counter
  (global $count (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count)))
(module instance $first $counter)
(module instance $second $counter)
(invoke $first "next")
(assert_return (invoke $first "next") (i32.const 2))
(assert_return (invoke $second "next") (i32.const 1))

(module binary "\00asm" "\01\00\00\00")
(module quote "(func (export \"f\") (result i32) i32.const 7)")
(assert_return (invoke "f") (i32.const 7))

(assert_malformed (module quote "(func (result i32) i32.const)") "unexpected token")
(assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
(assert_invalid (module (func (result i32) (i64.const 0))) "type mismatch")
(assert_unlinkable (module (import "nobody" "here" (func))) "unknown import")
(assert_unlinkable (module (import "spectest" "global_i32" (func))) "incompatible import type")
(assert_trap (module (func $f unreachable) (start $f)) "unreachable")

(module
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $forever (export "forever") (call $forever))
  (tag $e)
  (func (export "throw") (throw $e))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func (export "nothing") (result funcref) (ref.null func))
  (func (export "vector") (result v128) (v128.const i32x4 1 2 3 4)))
(assert_trap (invoke "divide" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_exhaustion (invoke "forever") "call stack exhausted")
(assert_exception (invoke "throw"))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_return (invoke "nan") (either (f32.const 1) (f32.const nan:arithmetic)))
(assert_return (invoke "nothing") (ref.null func))
(assert_return (invoke "vector") (v128.const i16x8 1 0 2 0 3 0 4 0))

;; Components.

(component definition $c
  (core module $m (func (export "f") (result i32) (i32.const 9)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
(component instance $one $c)
(component instance $two $c)
(assert_return (invoke "f") (u32.const 9))
(assert_return (invoke $one "f") (u32.const 9))

(component quote "(type (record (field \"a\" u8)))")
(component binary "\00asm\0d\00\01\00")
(assert_malformed (component quote "(nonsense)") "unexpected")
(assert_malformed (component binary "\00asm\63\00\01\00") "unknown version")
(assert_invalid (component (import "a" (func)) (import "a" (func))) "conflicts with previous name")
(assert_unlinkable
  (component
    (import "nobody" (func $f))
    (core func $g (canon lower (func $f)))
    (core module $m (import "" "g" (func)))
    (core instance $i (export "g" (func $g)))
    (core instance (instantiate $m (with "" (instance $i)))))
  "not found")
(assert_trap
  (component
    (core module $m (func $f unreachable) (start $f))
    (core instance (instantiate $m)))
  "unreachable")

;; Exceptions of core WebAssembly do not cross the boundaries of components: whoever calls another component traps,
;; whatever it would catch. Source: CanonicalABI.md, `call_and_trap_on_throw`.

(component definition $calls
  (component $A
    (core module $m
      (tag $t (param i32))
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.eq (local.get 3) (i32.const 13)) (then (throw $t (i32.const 1))))
        (i32.const 64))
      (func $throw (throw $t (i32.const 2)))
      (func (export "throws") (result i32) (call $throw) (i32.const 1))
      (func (export "many") (param i32 i64 f64) (result i32) (call $throw) (i32.const 1))
      (func (export "takes") (param i32 i32) (result i32) (local.get 1))
      (func (export "gives") (result i32)
        (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 13)) (i32.const 16))
      (func (export "post-return") (param i32) (throw $t (i32.const 3)))
      (func (export "catches") (result i32)
        (block $caught (result i32)
          (try_table (result i32) (catch $t $caught) (call $throw) (i32.const 1))))
      (func (export "dtor") (param i32) (throw $t (i32.const 4))))
    (core instance $i (instantiate $m))
    (type $r' (resource (rep i32) (dtor (core func $i "dtor"))))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $maker
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7))))
    (core instance $maker (instantiate $maker (with "" (instance (export "new" (func $new))))))
    (func (export "throws") (result u32) (canon lift (core func $i "throws")))
    (func (export "many") (param "a" u32) (param "b" u64) (param "c" f64) (result u32)
      (canon lift (core func $i "many")))
    (func (export "takes") (param "s" string) (result u32)
      (canon lift (core func $i "takes") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "gives") (result string)
      (canon lift (core func $i "gives") (memory (core memory $i "memory"))))
    (func (export "returns") (result u32)
      (canon lift (core func $i "catches") (post-return (core func $i "post-return"))))
    (func (export "catches") (result u32) (canon lift (core func $i "catches")))
    (func (export "make") (result (own $r)) (canon lift (core func $maker "make"))))

  (component $B
    (import "a" (instance $a
      (export "r" (type $r (sub resource)))
      (export "throws" (func (result u32)))
      (export "many" (func (param "a" u32) (param "b" u64) (param "c" f64) (result u32)))
      (export "takes" (func (param "s" string) (result u32)))
      (export "gives" (func (result string)))
      (export "returns" (func (result u32)))
      (export "catches" (func (result u32)))
      (export "make" (func (result (own $r))))))
    (alias export $a "r" (type $r))
    (core module $libc
      (tag $t)
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $t)))
    (core instance $libc (instantiate $libc))
    (core func $throws (canon lower (func $a "throws")))
    (core func $many (canon lower (func $a "many")))
    (core func $takes (canon lower (func $a "takes") (memory (core memory $libc "memory"))))
    (core func $gives (canon lower (func $a "gives")
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core func $returns (canon lower (func $a "returns")))
    (core func $catches (canon lower (func $a "catches")))
    (core func $make (canon lower (func $a "make")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "throws" (func $throws (result i32)))
      (import "" "many" (func $many (param i32 i64 f64) (result i32)))
      (import "" "takes" (func $takes (param i32 i32) (result i32)))
      (import "" "gives" (func $gives (param i32)))
      (import "" "returns" (func $returns (result i32)))
      (import "" "catches" (func $catches (result i32)))
      (import "" "make" (func $make (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "throws") (result i32)
        (block $caught (try_table (catch_all $caught) (return (call $throws)))) (i32.const 42))
      (func (export "many") (result i32)
        (block $caught
          (try_table (catch_all $caught) (return (call $many (i32.const 1) (i64.const 2) (f64.const 3)))))
        (i32.const 42))
      (func (export "takes") (param i32) (result i32)
        (block $caught (try_table (catch_all $caught) (return (call $takes (i32.const 0) (local.get 0)))))
        (i32.const 42))
      (func (export "gives") (result i32)
        (block $caught (try_table (catch_all $caught) (call $gives (i32.const 0))) (return (i32.const 1)))
        (i32.const 42))
      (func (export "returns") (result i32)
        (block $caught (try_table (catch_all $caught) (return (call $returns)))) (i32.const 42))
      (func (export "catches") (result i32)
        (block $caught (try_table (catch_all $caught) (return (call $catches)))) (i32.const 42))
      (func (export "drops") (result i32)
        (block $caught (try_table (catch_all $caught) (call $drop (call $make))) (return (i32.const 1)))
        (i32.const 42)))
    (core instance $i (instantiate $m (with "" (instance
      (export "throws" (func $throws))
      (export "many" (func $many))
      (export "takes" (func $takes))
      (export "gives" (func $gives))
      (export "returns" (func $returns))
      (export "catches" (func $catches))
      (export "make" (func $make))
      (export "drop" (func $drop))))))
    (func (export "throws") (result u32) (canon lift (core func $i "throws")))
    (func (export "many") (result u32) (canon lift (core func $i "many")))
    (func (export "takes") (param "n" u32) (result u32) (canon lift (core func $i "takes")))
    (func (export "gives") (result u32) (canon lift (core func $i "gives")))
    (func (export "returns") (result u32) (canon lift (core func $i "returns")))
    (func (export "catches") (result u32) (canon lift (core func $i "catches")))
    (func (export "drops") (result u32) (canon lift (core func $i "drops"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "a" (instance $a))))
  (export "throws" (func $b "throws"))
  (export "many" (func $b "many"))
  (export "takes" (func $b "takes"))
  (export "gives" (func $b "gives"))
  (export "returns" (func $b "returns"))
  (export "catches" (func $b "catches"))
  (export "drops" (func $b "drops")))

;; Out of the callee.
(component instance $i $calls)
(assert_trap (invoke "throws") "uncaught exception propagated out of component")
;; The instance is as good as gone.
(assert_trap (invoke "catches") "cannot enter component instance")
(component instance $i $calls)
(assert_trap (invoke "many") "uncaught exception propagated out of component")
;; Out of the callee's realloc, where its parameters are passed.
(component instance $i $calls)
(assert_return (invoke "takes" (u32.const 12)) (u32.const 12))
(assert_trap (invoke "takes" (u32.const 13)) "uncaught exception propagated out of component")
;; Out of the caller's own realloc, where its result is passed: the call was over, but not its adapter.
(component instance $i $calls)
(assert_trap (invoke "gives") "uncaught exception propagated out of component")
;; Out of the post-return function.
(component instance $i $calls)
(assert_trap (invoke "returns") "uncaught exception propagated out of component")
;; Out of a destructor that another component's `resource.drop` calls.
(component instance $i $calls)
(assert_trap (invoke "drops") "thrown Wasm exception")
;; What a component catches itself is nobody's business.
(component instance $i $calls)
(assert_return (invoke "catches") (u32.const 2))
(assert_return (invoke "catches") (u32.const 2))

;; A synchronous call of a component that has tasks: before, what it set in its context was its caller's afterwards.
(component
  (component $A
    (core func $set (canon context.set i32 0))
    (core module $m
      (import "" "set" (func $set (param i32)))
      (tag $t)
      (func (export "throws") (call $set (i32.const 77)) (throw $t)))
    (core instance $i (instantiate $m (with "" (instance (export "set" (func $set))))))
    (func (export "throws") (canon lift (core func $i "throws"))))
  (component $B
    (import "throws" (func $throws'))
    (core func $throws (canon lower (func $throws')))
    (core func $set (canon context.set i32 0))
    (core func $get (canon context.get i32 0))
    (core module $m
      (import "" "throws" (func $throws))
      (import "" "set" (func $set (param i32)))
      (import "" "get" (func $get (result i32)))
      (func (export "run") (result i32)
        (call $set (i32.const 5))
        (block $caught (try_table (catch_all $caught) (call $throws)) (unreachable))
        (call $get)))
    (core instance $i (instantiate $m (with "" (instance
      (export "throws" (func $throws)) (export "set" (func $set)) (export "get" (func $get))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "throws" (func $a "throws"))))
  (export "run" (func $b "run")))
(assert_trap (invoke "run") "uncaught exception propagated out of component")

;; Two calls deep: the inner boundary stops it.
(component
  (component $A
    (core module $m (tag $t) (func (export "throws") (throw $t)))
    (core instance $i (instantiate $m))
    (func (export "throws") (canon lift (core func $i "throws"))))
  (component $B
    (import "throws" (func $throws))
    (core func $throws' (canon lower (func $throws)))
    (core module $m
      (import "" "throws" (func $throws))
      (func (export "throws") (block $caught (try_table (catch_all $caught) (call $throws)))))
    (core instance $i (instantiate $m (with "" (instance (export "throws" (func $throws'))))))
    (func (export "throws") (canon lift (core func $i "throws"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "throws" (func $a "throws"))))
  (instance $c (instantiate $B (with "throws" (func $b "throws"))))
  (export "throws" (func $c "throws")))
(assert_trap (invoke "throws") "uncaught exception propagated out of component")

;; A lowered function that is lifted again as it is: an adapter that another one calls.
(component
  (component $A
    (core module $m (tag $t) (func (export "throws") (throw $t)))
    (core instance $i (instantiate $m))
    (func (export "throws") (canon lift (core func $i "throws"))))
  (component $B
    (import "throws" (func $throws))
    (core func $throws' (canon lower (func $throws)))
    (func (export "throws") (canon lift (core func $throws'))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "throws" (func $a "throws"))))
  (component $C
    (import "throws" (func $throws))
    (core func $throws' (canon lower (func $throws)))
    (core module $m
      (import "" "throws" (func $throws))
      (func (export "run") (block $caught (try_table (catch_all $caught) (call $throws)))))
    (core instance $i (instantiate $m (with "" (instance (export "throws" (func $throws'))))))
    (func (export "run") (canon lift (core func $i "run"))))
  (instance $c (instantiate $C (with "throws" (func $b "throws"))))
  (export "run" (func $c "run")))
(assert_trap (invoke "run") "uncaught exception propagated out of component")

;; Out of the component itself, to the host: called, in the way of its values, and while it is made.
(component definition $alone
  (core module $m
    (tag $t)
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $t))
    (func (export "takes") (param i32 i32))
    (func (export "nothing"))
    (func (export "throws") (throw $t)))
  (core instance $i (instantiate $m))
  (func (export "throws") (canon lift (core func $i "throws")))
  (func (export "returns") (canon lift (core func $i "nothing") (post-return (core func $i "throws"))))
  (func (export "takes") (param "s" string)
    (canon lift (core func $i "takes") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
(component instance $i $alone)
(assert_trap (invoke "throws") "thrown Wasm exception")
(component instance $i $alone)
(assert_trap (invoke "returns") "thrown Wasm exception")
(component instance $i $alone)
(assert_trap (invoke "takes" (str.const "a")) "thrown Wasm exception")

(assert_trap
  (component
    (core module $m (tag $t) (func $throws (throw $t)) (start $throws))
    (core instance $i (instantiate $m)))
  "thrown Wasm exception")
(assert_trap
  (component
    (component $A
      (core module $m (tag $t) (func (export "throws") (throw $t)))
      (core instance $i (instantiate $m))
      (func (export "throws") (canon lift (core func $i "throws"))))
    (component $B
      (import "throws" (func $throws'))
      (core func $throws (canon lower (func $throws')))
      (core module $m
        (import "" "throws" (func $throws))
        (func $run (block $caught (try_table (catch_all $caught) (call $throws))))
        (start $run))
      (core instance (instantiate $m (with "" (instance (export "throws" (func $throws)))))))
    (instance $a (instantiate $A))
    (instance $b (instantiate $B (with "throws" (func $a "throws")))))
  "uncaught exception propagated out of component")

;; Calls that the host makes for a guest: of a function that may wait, of its callback, of who carries its values.
(component definition $tasks
  (component $A
    (core module $m
      (tag $t)
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.eq (local.get 3) (i32.const 13)) (then (throw $t)))
        (i32.const 64))
      (func (export "run") (param i32 i32) (result i32)
        (if (i32.eqz (local.get 1)) (then (throw $t)))
        (i32.const 1 (; yield ;)))
      (func (export "callback") (param i32 i32 i32) (result i32) (throw $t)))
    (core instance $i (instantiate $m))
    (func (export "run") async (param "s" string)
      (canon lift (core func $i "run") async (callback (core func $i "callback"))
        (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (component $B
    (import "run" (func $run' async (param "s" string)))
    (core module $libc (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $run (canon lower (func $run') (memory (core memory $libc "memory"))))
    (core module $m
      (import "" "run" (func $run (param i32 i32)))
      (func (export "run") (param i32) (result i32)
        (block $caught
          (try_table (catch_all $caught) (call $run (i32.const 0) (local.get 0)) (return (i32.const 1))))
        (i32.const 42)))
    (core instance $i (instantiate $m (with "" (instance (export "run" (func $run))))))
    (func (export "run") async (param "n" u32) (result u32) (canon lift (core func $i "run"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "run" (func $a "run"))))
  (export "run" (func $b "run")))
(component instance $i $tasks)
(assert_trap (invoke "run" (u32.const 0)) "thrown Wasm exception")
(component instance $i $tasks)
(assert_trap (invoke "run" (u32.const 1)) "thrown Wasm exception")
(component instance $i $tasks)
(assert_trap (invoke "run" (u32.const 13)) "thrown Wasm exception")

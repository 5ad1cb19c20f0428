;; Functions that a component lowered, used where its own ones usually stand: as realloc, as post-return. They may not
;; call out from there, and stop the guest when they do.
(component definition
  (component $A
    (core module $m
      (memory (export "memory") 1)
      (func (export "four") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "one") (param i32))
      (func (export "text") (result i32)
        (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 3)) (i32.const 16)))
    (core instance $i (instantiate $m))
    (func (export "four") (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)
      (canon lift (core func $i "four")))
    (func (export "one") (param "a" u32) (canon lift (core func $i "one")))
    (func (export "text") (result string)
      (canon lift (core func $i "text") (memory (core memory $i "memory")))))

  (component $B
    (import "four" (func $four (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)))
    (import "one" (func $one (param "a" u32)))
    (import "text" (func $text' (result string)))
    (core module $libc (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $realloc (canon lower (func $four)))
    (core func $post-return (canon lower (func $one)))
    ;; The caller's realloc.
    (core func $text (canon lower (func $text') (memory (core memory $libc "memory")) (realloc $realloc)))
    (core module $m
      (import "" "text" (func $text (param i32)))
      (func (export "text") (call $text (i32.const 0))))
    (core instance $i (instantiate $m (with "" (instance (export "text" (func $text))))))
    (func (export "text") (canon lift (core func $i "text")))
    ;; The callee's realloc, and its post-return function.
    (core module $n
      (func (export "takes") (param i32 i32) (result i32) (i32.const 7))
      (func (export "later") (param i32 i32) (result i32) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))
      (func (export "gives") (result i32) (i32.const 7)))
    (core instance $n (instantiate $n))
    (func (export "takes") (param "s" string) (result u32)
      (canon lift (core func $n "takes") (memory (core memory $libc "memory")) (realloc $realloc)))
    (func (export "later") async (param "s" string)
      (canon lift (core func $n "later") async (callback (core func $n "callback"))
        (memory (core memory $libc "memory")) (realloc $realloc)))
    (func (export "gives") (result u32) (canon lift (core func $n "gives") (post-return $post-return))))

  (component $C
    (import "takes" (func $takes' (param "s" string) (result u32)))
    (import "later" (func $later' async (param "s" string)))
    (import "gives" (func $gives' (result u32)))
    (core module $libc (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $takes (canon lower (func $takes') (memory (core memory $libc "memory"))))
    (core func $later (canon lower (func $later') (memory (core memory $libc "memory"))))
    (core func $gives (canon lower (func $gives')))
    (core module $m
      (import "" "takes" (func $takes (param i32 i32) (result i32)))
      (import "" "later" (func $later (param i32 i32)))
      (import "" "gives" (func $gives (result i32)))
      (func (export "takes") (result i32) (call $takes (i32.const 0) (i32.const 3)))
      (func (export "later") (call $later (i32.const 0) (i32.const 3)))
      (func (export "gives") (result i32) (call $gives)))
    (core instance $i (instantiate $m (with "" (instance
      (export "takes" (func $takes)) (export "later" (func $later)) (export "gives" (func $gives))))))
    (func (export "takes") (result u32) (canon lift (core func $i "takes")))
    (func (export "later") async (canon lift (core func $i "later")))
    (func (export "gives") (result u32) (canon lift (core func $i "gives"))))

  (instance $a (instantiate $A))
  (instance $b (instantiate $B
    (with "four" (func $a "four")) (with "one" (func $a "one")) (with "text" (func $a "text"))))
  (instance $c (instantiate $C
    (with "takes" (func $b "takes")) (with "later" (func $b "later")) (with "gives" (func $b "gives"))))
  (export "text" (func $b "text"))
  (export "takes" (func $c "takes"))
  (export "later" (func $c "later"))
  (export "gives" (func $c "gives")))
(component instance $i)
(assert_trap (invoke "text") "cannot leave component instance")
(component instance $i)
(assert_trap (invoke "takes") "cannot leave component instance")
(component instance $i)
(assert_trap (invoke "later") "cannot leave component instance")
(component instance $i)
(assert_trap (invoke "gives") "cannot leave component instance")

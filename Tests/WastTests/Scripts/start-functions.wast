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

;; Text goes through two components: one makes it, the other one gets it as an import and keeps it.
(component
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 256))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (component $Maker
    (core module $m
      (memory (export "memory") 1)
      (data (i32.const 8) "hello, values")
      (func (export "make") (result i32)
        (i32.store (i32.const 0) (i32.const 8))
        (i32.store (i32.const 4) (i32.const 13))
        (i32.const 0))
      ;; What it returned is freed after it was read.
      (func (export "free") (param i32) (i32.store (i32.const 8) (i32.const 0))))
    (core instance $i (instantiate $m))
    (func $make (result string)
      (canon lift (core func $i "make") (memory (core memory $i "memory"))
        (post-return (core func $i "free"))))
    (start $make (result (value $greeting)))
    (export "greeting" (value $greeting)))
  (component $Keeper
    (alias outer 1 0 (core module $libc))
    (import "greeting" (value $greeting string))
    (core instance $libc (instantiate $libc))
    (core module $m
      (import "libc" "memory" (memory 1))
      (global $pointer (mut i32) (i32.const 0))
      (global $length (mut i32) (i32.const 0))
      (func (export "keep") (param i32 i32)
        (global.set $pointer (local.get 0))
        (global.set $length (local.get 1)))
      (func (export "get") (result i32)
        (i32.store (i32.const 0) (global.get $pointer))
        (i32.store (i32.const 4) (global.get $length))
        (i32.const 0)))
    (core instance $i (instantiate $m (with "libc" (instance $libc))))
    (func $keep (param "text" string)
      (canon lift (core func $i "keep") (memory (core memory $libc "memory")) string-encoding=utf16
        (realloc (core func $libc "realloc"))))
    (func (export "get") (result string)
      (canon lift (core func $i "get") string-encoding=utf16 (memory (core memory $libc "memory"))))
    (start $keep (value $greeting)))
  (instance $maker (instantiate $Maker))
  (alias export $maker "greeting" (value $greeting))
  (instance $keeper (instantiate $Keeper (with "greeting" (value $greeting))))
  (export "get" (func $keeper "get")))
(assert_return (invoke "get") (str.const "hello, values"))

;; Start functions run in the order of the definitions, those of nested components with them, between core instances:
;; each one logs a digit.
(component
  (core module $log
    (global $log (mut i32) (i32.const 0))
    (func (export "add") (param i32)
      (global.set $log (i32.add (i32.mul (global.get $log) (i32.const 10)) (local.get 0))))
    (func (export "log") (result i32) (global.get $log)))
  (core instance $log (instantiate $log))
  (func $add (param "v" u32) (canon lift (core func $log "add")))
  (func (export "log") (result u32) (canon lift (core func $log "log")))
  (component $Child
    (import "add" (func $add (param "v" u32)))
    (core func $add' (canon lower (func $add)))
    ;; Core start functions, whose order is the same one.
    (core module $m4 (import "" "add" (func $add (param i32)))
      (func $start (call $add (i32.const 4))) (start $start))
    (core module $m (import "" "add" (func $add (param i32)))
      (func (export "start") (call $add (i32.const 5))))
    (core instance (instantiate $m4 (with "" (instance (export "add" (func $add'))))))
    (core instance $i (instantiate $m (with "" (instance (export "add" (func $add'))))))
    (func $start (canon lift (core func $i "start")))
    (start $start)
    (core module $m6 (import "" "add" (func $add (param i32)))
      (func $start (call $add (i32.const 6))) (start $start))
    (core instance (instantiate $m6 (with "" (instance (export "add" (func $add')))))))
  (core module $n (func (export "v") (param i32) (result i32) (local.get 0)))
  (core module $three (func (export "v") (result i32) (i32.const 3)))
  (core instance $three (instantiate $three))
  (func $three (result u32) (canon lift (core func $three "v")))
  (start $three (result (value $v)))
  (start $add (value $v))
  ;; A component cannot call its parent's own functions, but a sibling's.
  (component $Log
    (core module $log
      (global $log (mut i32) (i32.const 0))
      (func (export "add") (param i32)
        (global.set $log (i32.add (i32.mul (global.get $log) (i32.const 10)) (local.get 0))))
      (func (export "log") (result i32) (global.get $log)))
    (core instance $log (instantiate $log))
    (func (export "add") (param "v" u32) (canon lift (core func $log "add")))
    (func (export "log") (result u32) (canon lift (core func $log "log"))))
  (instance $siblings (instantiate $Log))
  (instance (instantiate $Child (with "add" (func $siblings "add"))))
  (core instance $seven (instantiate $three))
  (alias export $siblings "add" (func $sibling-add))
  (func $again (result u32) (canon lift (core func $seven "v")))
  (start $again (result (value $w)))
  (start $sibling-add (value $w))
  (instance (instantiate $Child (with "add" (func $siblings "add"))))
  (export "siblings" (func $siblings "log")))
(assert_return (invoke "log") (u32.const 3))
(assert_return (invoke "siblings") (u32.const 4563456))

;; A trap ends the instantiation.
(assert_trap
  (component
    (core module $m (func (export "f") unreachable))
    (core instance $i (instantiate $m))
    (func $f (canon lift (core func $i "f")))
    (start $f))
  "unreachable")

;; What the start function returns is checked like any result.
(assert_trap
  (component
    (core module $m (func (export "f") (result i32) (i32.const 0xd800)))
    (core instance $i (instantiate $m))
    (func $f (result char) (canon lift (core func $i "f")))
    (start $f (result (value $c)))
    (export "c" (value $c)))
  "Unicode scalar value")

;; A value is exported: in an instance, through it, and under another type.
(component
  (component $C
    (core module $m (func (export "f") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func $f (result u8) (canon lift (core func $i "f")))
    (start $f (result (value $v)))
    (instance $bag (export "v" (value $v)))
    (export "bag" (instance $bag)))
  (instance $c (instantiate $C))
  (alias export $c "bag" (instance $bag))
  (alias export $bag "v" (value $v))
  (export "v" (value $v)))
(assert_return (get "v") (u8.const 7))

;; An instance may have values that nobody uses; each alias is a value that must be used.
(component
  (component $C
    (core module $m (func (export "f") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func $f (result u8) (canon lift (core func $i "f")))
    (start $f (result (value $v)))
    (export "v" (value $v)))
  (instance $c (instantiate $C)))

;; A handle is a value: who gets it owns it. A value with a handle that two aliases name can be given away once.
;;
;; The assembler writes a value's type without the byte that says that it is no `eq` bound. That is read all the same,
;; but for types 0 and 1, which would be taken for that byte: so `$Keeper` has two types that nobody uses.
(component definition $handles
  (component $Maker
    (type $r' (resource (rep i32)))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 99)))
      (func (export "rep") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func $make (result (own $r)) (canon lift (core func $i "make")))
    (func (export "rep") (param "self" (borrow $r)) (result u32) (canon lift (core func $i "rep")))
    (start $make (result (value $v)))
    (export "v" (value $v)))
  (component $Keeper
    (type (func))
    (type (func))
    (import "r" (type $r (sub resource)))
    (import "rep" (func $rep (param "self" (borrow $r)) (result u32)))
    (import "v" (value $v (own $r)))
    (core func $rep' (canon lower (func $rep)))
    (core module $m
      (import "" "rep" (func $rep (param i32) (result i32)))
      (global $handle (mut i32) (i32.const 0))
      (func (export "keep") (param i32) (global.set $handle (local.get 0)))
      (func (export "get") (result i32) (call $rep (global.get $handle))))
    (core instance $i (instantiate $m (with "" (instance (export "rep" (func $rep'))))))
    (func $keep (param "r" (own $r)) (canon lift (core func $i "keep")))
    (func (export "get") (result u32) (canon lift (core func $i "get")))
    (start $keep (value $v)))
  (instance $maker (instantiate $Maker))
  (instance $keeper (instantiate $Keeper
    (with "r" (type $maker "r")) (with "rep" (func $maker "rep")) (with "v" (value $maker "v"))))
  (export "get" (func $keeper "get")))
(component instance $handle $handles)
(assert_return (invoke "get") (u32.const 99))

(assert_trap
  (component
    (component $Maker
      (type $r' (resource (rep i32)))
      (export $r "r" (type $r'))
      (core func $new (canon resource.new $r'))
      (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (result i32) (call $new (i32.const 99))))
      (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
      (func $make (result (own $r)) (canon lift (core func $i "make")))
      (start $make (result (value $v)))
      (export "v" (value $v)))
    (component $Keeper
      (type (func))
      (type (func))
      (import "r" (type $r (sub resource)))
      (import "v" (value $v (own $r)))
      (core module $m (func (export "keep") (param i32)))
      (core instance $i (instantiate $m))
      (func $keep (param "r" (own $r)) (canon lift (core func $i "keep")))
      (start $keep (value $v)))
    (instance $maker (instantiate $Maker))
    (instance (instantiate $Keeper (with "r" (type $maker "r")) (with "v" (value $maker "v"))))
    (instance (instantiate $Keeper (with "r" (type $maker "r")) (with "v" (value $maker "v")))))
  "given away")

;; Functions of the host are start functions, too.
(component
  (import "host-return-two" (func $two (result u32)))
  (import "host" (instance $host (export "return-hi" (func (result string)))))
  (alias export $host "return-hi" (func $return-hi))
  (start $two (result (value $v)))
  (start $return-hi (result (value $hi)))
  (core module $m
    (global $v (mut i32) (i32.const 0))
    (func (export "keep") (param i32) (global.set $v (local.get 0)))
    (func (export "get") (result i32) (global.get $v)))
  (core instance $i (instantiate $m))
  (func $keep (param "v" u32) (canon lift (core func $i "keep")))
  (func (export "get") (result u32) (canon lift (core func $i "get")))
  (start $keep (value $v))
  (export "hi" (value $hi)))
(assert_return (invoke "get") (u32.const 2))
(assert_return (get "hi") (str.const "hi"))

;; A start function that is a lowered function of another component.
(component
  (component $C
    (core module $m
      (global $v (mut i32) (i32.const 0))
      (func (export "f") (global.set $v (i32.add (global.get $v) (i32.const 1))))
      (func (export "get") (result i32) (global.get $v)))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f")))
    (func (export "get") (result u32) (canon lift (core func $i "get"))))
  (component $D
    (import "f" (func $f))
    (core func $f' (canon lower (func $f)))
    (func $g (canon lift (core func $f')))
    (start $g)
    (core module $m)
    (core instance (instantiate $m))
    (start $g))
  (instance $c (instantiate $C))
  (instance (instantiate $D (with "f" (func $c "f"))))
  (export "get" (func $c "get")))
(assert_return (invoke "get") (u32.const 2))

;; What start functions return stays with the host: in all not more than what one call may return.
(assert_trap
  (component
    (core module $m
      (memory (export "memory") 1600)
      (func (export "f") (result i32)
        (i32.store (i32.const 0) (i32.const 8))
        (i32.store (i32.const 4) (i32.const 100000000))
        (i32.const 0)))
    (core instance $i (instantiate $m))
    (func $f (result string) (canon lift (core func $i "f") (memory (core memory $i "memory"))))
    (start $f (result (value $v)))
    (start $f (result (value $w)))
    (export "v" (value $v))
    (export "w" (value $w)))
  "start functions returned more than")

;; Names are sequences of Unicode scalar values: those that Unicode calls canonically equivalent are not the same.

;; "é" in one code point and in two, as exports of one module.
(component
  (core module $m
    (memory (export "m\c3\a9") 1)
    (memory (export "me\cc\81") 2)
    (func (export "\c3\a9") (result i32) (i32.const 1))
    (func (export "e\cc\81") (result i32) (i32.const 2)))
  (core instance $i (instantiate $m))
  (func (export "one") (result u32) (canon lift (core func $i "\c3\a9")))
  (func (export "two") (result u32) (canon lift (core func $i "e\cc\81")))
  ;; Of an instance that is put together, and of one that imports from it.
  (alias core export $i "\c3\a9" (core func $one))
  (core instance $bag (export "e\cc\81" (func $one)) (export "\c3\a9" (func $i "e\cc\81")))
  (func (export "three") (result u32) (canon lift (core func $bag "\c3\a9")))
  (core module $n
    (import "" "\c3\a9" (func $two (result i32)))
    (import "" "e\cc\81" (func $one (result i32)))
    (import "i" "m\c3\a9" (memory $first 1))
    (import "i" "me\cc\81" (memory $second 2))
    (func (export "sum") (result i32)
      (i32.add (i32.mul (i32.const 10) (call $two))
        (i32.add (call $one) (i32.mul (i32.const 100) (memory.size $second))))))
  (core instance $j (instantiate $n (with "" (instance $bag)) (with "i" (instance $i))))
  (func (export "sum") (result u32) (canon lift (core func $j "sum"))))
(assert_return (invoke "one") (u32.const 1))
(assert_return (invoke "two") (u32.const 2))
(assert_return (invoke "three") (u32.const 2))
(assert_return (invoke "sum") (u32.const 221))

;; As names of arguments.
(component
  (core module $m
    (import "\c3\a9" "f" (func $a (result i32)))
    (import "e\cc\81" "f" (func $b (result i32)))
    (func (export "a") (result i32) (call $a))
    (func (export "b") (result i32) (call $b)))
  (core module $x (func (export "f") (result i32) (i32.const 10)))
  (core module $y (func (export "f") (result i32) (i32.const 20)))
  (core instance $x (instantiate $x))
  (core instance $y (instantiate $y))
  (core instance $i (instantiate $m (with "\c3\a9" (instance $x)) (with "e\cc\81" (instance $y))))
  (func (export "a") (result u32) (canon lift (core func $i "a")))
  (func (export "b") (result u32) (canon lift (core func $i "b"))))
(assert_return (invoke "a") (u32.const 10))
(assert_return (invoke "b") (u32.const 20))

;; As two memories of one instance, which the host keeps apart.
(component
  (core module $m
    (memory $a (export "m\c3\a9") 1)
    (memory $b (export "me\cc\81") 1)
    (data (memory $a) (i32.const 8) "\10\00\00\00\03\00\00\00")
    (data (memory $a) (i32.const 16) "one")
    (data (memory $b) (i32.const 8) "\10\00\00\00\03\00\00\00")
    (data (memory $b) (i32.const 16) "two")
    (func (export "f") (result i32) (i32.const 8)))
  (core instance $i (instantiate $m))
  (func (export "one") (result string) (canon lift (core func $i "f") (memory (core memory $i "m\c3\a9"))))
  (func (export "two") (result string) (canon lift (core func $i "f") (memory (core memory $i "me\cc\81")))))
(assert_return (invoke "one") (str.const "one"))
(assert_return (invoke "two") (str.const "two"))

;; In module types.
(component
  (core type (module
    (import "\c3\a9" "f" (func)) (import "e\cc\81" "f" (func))
    (export "\c3\a9" (func)) (export "e\cc\81" (func)))))

(assert_invalid
  (component
    (core module $m (func (export "\c3\a9")))
    (core module $n (import "" "e\cc\81" (func)))
    (core instance $i (instantiate $m))
    (core instance $j (instantiate $n (with "" (instance $i)))))
  "does not export")
(assert_invalid
  (component
    (core module $m (func (export "\c3\a9")))
    (core module $n (import "e\cc\81" "\c3\a9" (func)))
    (core instance $i (instantiate $m))
    (core instance $j (instantiate $n (with "\c3\a9" (instance $i)))))
  "missing module instantiation argument")
(assert_invalid
  (component
    (core module $m (func (export "\c3\a9")))
    (core instance $i (instantiate $m))
    (alias core export $i "e\cc\81" (core func)))
  "has no export named")
(assert_invalid
  (component
    (component $c (import "m" (core module (export "e\cc\81" (func)))))
    (core module $m (func (export "\c3\a9")))
    (instance (instantiate $c (with "m" (core module $m)))))
  "missing expected export")

;; Labels alone have acronyms: URLs, hashes and versions differ by case, too.
(component
  (import "url=<https://example.com/Foo.wasm>" (func))
  (import "url=<https://example.com/foo.wasm>" (func))
  (import "url=<https://example.com/\c3\a9>" (func))
  (import "url=<https://example.com/e\cc\81>" (func)))
(component
  (import "integrity=<sha256-aaaaAAAA>" (func))
  (import "integrity=<sha256-aaaaaaaa>" (func)))
(component
  (import "a:b/c@1.0.0-RC" (instance))
  (import "a:b/c@1.0.0-rc" (instance)))
(assert_invalid
  (component (import "a:b/c@1.0.0-rc" (instance)) (import "a:b/C@1.0.0-rc" (instance)))
  "conflicts with previous name")

;; Text of UTF-8 to and from host functions: send(times), receive(times).
(component
  (import "bench:host/text" (instance $text
    (export "put" (func (param "t" string)))
    (export "get" (func (result string)))))
  (core module $libc
    (memory (export "memory") 128)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))
  (core instance $libc (instantiate $libc))
  (core func $put (canon lower (func $text "put") string-encoding=utf8 (memory (core memory $libc "memory"))))
  (core func $get (canon lower (func $text "get") string-encoding=utf8 (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core instance $host (export "put" (func $put)) (export "get" (func $get)))
  (core module $m
    (import "host" "put" (func $put (param i32 i32)))
    (import "host" "get" (func $get (param i32)))
    (import "libc" "memory" (memory 128))
    (func (export "receive") (param $times i32)
      (loop $again
        (call $get (i32.const 16))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
    ;; What get left there.
    (func (export "send") (param $times i32)
      (call $get (i32.const 16))
      (loop $again
        (call $put (i32.load (i32.const 16)) (i32.load (i32.const 20)))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
  (core instance $m (instantiate $m (with "host" (instance $host)) (with "libc" (instance $libc))))
  (func (export "receive") (param "times" u32) (canon lift (core func $m "receive")))
  (func (export "send") (param "times" u32) (canon lift (core func $m "send"))))

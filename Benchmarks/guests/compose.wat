;; Two components in one: what a call between them costs, against a call inside a module, and text on its way.
;; Each export takes how often to repeat.
(component
  (component $callee
    (core module $m
      (memory (export "memory") 64)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "text") (param i32 i32)))
    (core instance $m (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
    (func (export "text") (param "t" string)
      (canon lift (core func $m "text") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (func (export "bytes") (param "b" (list u8))
      (canon lift (core func $m "text") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
    (func (export "text16") (param "t" string)
      (canon lift (core func $m "text") string-encoding=utf16
        (memory (core memory $m "memory")) (realloc (core func $m "realloc")))))
  (component $caller
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (import "text" (func $text (param "t" string)))
    (import "text16" (func $text16 (param "t" string)))
    (import "bytes" (func $bytes (param "b" (list u8))))
    (core module $libc (memory (export "memory") 64))
    (core instance $libc (instantiate $libc))
    (core func $add' (canon lower (func $add)))
    (core func $text' (canon lower (func $text) (memory (core memory $libc "memory"))))
    (core func $text16' (canon lower (func $text16) (memory (core memory $libc "memory"))))
    (core func $bytes' (canon lower (func $bytes) (memory (core memory $libc "memory"))))
    (core instance $imports
      (export "add" (func $add')) (export "text" (func $text')) (export "text16" (func $text16'))
      (export "bytes" (func $bytes')))
    (core module $m
      (import "callee" "add" (func $remote (param i32 i32) (result i32)))
      (import "callee" "text" (func $text (param i32 i32)))
      (import "callee" "text16" (func $text16 (param i32 i32)))
      (import "callee" "bytes" (func $bytes (param i32 i32)))
      (import "libc" "memory" (memory 64))
      (func $local (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "fill") (param $length i32) (memory.fill (i32.const 65536) (i32.const 97) (local.get $length)))
      (func (export "local") (param $times i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum (call $local (local.get $sum) (local.get $times)))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (local.get $sum))
      (func (export "remote") (param $times i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum (call $remote (local.get $sum) (local.get $times)))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (local.get $sum))
      (func (export "text") (param $length i32) (param $times i32)
        (loop $again
          (call $text (i32.const 65536) (local.get $length))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
      (func (export "text16") (param $length i32) (param $times i32)
        (loop $again
          (call $text16 (i32.const 65536) (local.get $length))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
      (func (export "bytes") (param $length i32) (param $times i32)
        (loop $again
          (call $bytes (i32.const 65536) (local.get $length))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
    (core instance $m (instantiate $m (with "callee" (instance $imports)) (with "libc" (instance $libc))))
    (func (export "fill") (param "length" u32) (canon lift (core func $m "fill")))
    (func (export "local") (param "times" u32) (result u32) (canon lift (core func $m "local")))
    (func (export "remote") (param "times" u32) (result u32) (canon lift (core func $m "remote")))
    (func (export "text") (param "length" u32) (param "times" u32) (canon lift (core func $m "text")))
    (func (export "text16") (param "length" u32) (param "times" u32) (canon lift (core func $m "text16")))
    (func (export "bytes") (param "length" u32) (param "times" u32) (canon lift (core func $m "bytes"))))
  (instance $callee (instantiate $callee))
  (instance $caller (instantiate $caller
    (with "add" (func $callee "add")) (with "text" (func $callee "text")) (with "text16" (func $callee "text16"))
    (with "bytes" (func $callee "bytes"))))
  (export "fill" (func $caller "fill"))
  (export "local" (func $caller "local"))
  (export "remote" (func $caller "remote"))
  (export "text" (func $caller "text"))
  (export "text16" (func $caller "text16"))
  (export "bytes" (func $caller "bytes")))

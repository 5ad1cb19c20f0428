;; Shared: as respond.wat, by the interfaces of 2023-10-18: fields, status and body are given when the response is made.
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[constructor]fields" (func $fields (param i32 i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[constructor]outgoing-response"
  (func $response (param i32 i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[method]outgoing-response.write" (func $response-body (param i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[method]outgoing-body.write" (func $body-write (param i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-10-18" "[static]response-outparam.set"
  (func $set-response (param i32 i32 i32 i32 i32)))
(import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]output-stream.blocking-write-and-flush"
  (func $write-and-flush (param i32 i32 i32 i32)))
(import "wasi:io/streams@0.2.0-rc-2023-10-18" "[resource-drop]output-stream" (func $drop-output (param i32)))
(import "env" "memory" (memory 1))
(import "env" "heap" (global $heap (mut i32)))

(global $body (mut i32) (i32.const 0))
(global $stream (mut i32) (i32.const 0))

(func $expect-ok
  (if (i32.load8_u (i32.const 0)) (then (unreachable))))

;; One field, `x-snapshot: october`.
(data (i32.const 16) "x-snapshotoctober\00\00\00\10\00\00\00\0a\00\00\00\1a\00\00\00\07\00\00\00")

(func $begin (param $out i32) (param $status i32)
  (local $new i32)
  (local.set $new (call $response (local.get $status) (call $fields (i32.const 36) (i32.const 1))))
  (call $response-body (local.get $new) (i32.const 0))
  (call $expect-ok)
  (global.set $body (i32.load (i32.const 4)))
  (call $set-response (local.get $out) (i32.const 0) (local.get $new) (i32.const 0) (i32.const 0))
  (call $body-write (global.get $body) (i32.const 0))
  (call $expect-ok)
  (global.set $stream (i32.load (i32.const 4))))

(func $send (param $start i32) (param $length i32)
  (call $write-and-flush (global.get $stream) (local.get $start) (local.get $length) (i32.const 0))
  (call $expect-ok))

(func $end
  (call $drop-output (global.get $stream))
  (call $finish (global.get $body) (i32.const 0) (i32.const 0)))

;; As respond.wat, of 2023-11-10: $begin opens the response with a status, $send writes to its body, $end finishes it.
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[constructor]fields" (func $fields (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[method]outgoing-response.set-status-code"
  (func $set-status (param i32 i32) (result i32)))
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[method]outgoing-response.body" (func $response-body (param i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[method]outgoing-body.write" (func $body-write (param i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
(import "wasi:http/types@0.2.0-rc-2023-11-10" "[static]response-outparam.set"
  (func $set-response (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
(import "wasi:io/streams@0.2.0-rc-2023-11-10" "[method]output-stream.blocking-write-and-flush"
  (func $write-and-flush (param i32 i32 i32 i32)))
(import "wasi:io/streams@0.2.0-rc-2023-11-10" "[resource-drop]output-stream" (func $drop-output (param i32)))
(import "env" "memory" (memory 1))
(import "env" "heap" (global $heap (mut i32)))

(global $body (mut i32) (i32.const 0))
(global $stream (mut i32) (i32.const 0))

;; Results that do not fit in one value are written at address 0 on; each user reads them at once.
(func $expect-ok
  (if (i32.load8_u (i32.const 0)) (then (unreachable))))

(func $begin (param $out i32) (param $status i32)
  (call $begin-with (local.get $out) (local.get $status) (call $fields)))

(func $begin-with (param $out i32) (param $status i32) (param $headers i32)
  (local $new i32)
  (local.set $new (call $response (local.get $headers)))
  (if (call $set-status (local.get $new) (local.get $status)) (then (unreachable)))
  (call $response-body (local.get $new) (i32.const 0))
  (call $expect-ok)
  (global.set $body (i32.load (i32.const 4)))
  (call $set-response (local.get $out)
    (i32.const 0) (local.get $new) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
  (call $body-write (global.get $body) (i32.const 0))
  (call $expect-ok)
  (global.set $stream (i32.load (i32.const 4))))

;; At most 4096 bytes: what one blocking-write-and-flush may take.
(func $send (param $start i32) (param $length i32)
  (call $write-and-flush (global.get $stream) (local.get $start) (local.get $length) (i32.const 0))
  (call $expect-ok))

(func $end
  (call $drop-output (global.get $stream))
  (call $finish (global.get $body) (i32.const 0) (i32.const 0) (i32.const 0))
  (call $expect-ok))

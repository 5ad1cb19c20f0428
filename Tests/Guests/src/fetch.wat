;; fetch: `GET /HOST:PORT` asks that server for `/` ten times, one after the other, reads each answer to its end, and then
;; answers with the last one's body, 4096 bytes at most. What a request of a guest costs.

(core module $main
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-scheme"
    (func $set-scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-authority"
    (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-path-with-query"
    (func $set-path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.0" "handle" (func $handle (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[resource-drop]future-incoming-response" (func $drop-future (param i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.status" (func $status (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[resource-drop]incoming-response" (func $drop-response (param i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-body.stream" (func $body-stream (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[resource-drop]incoming-body" (func $drop-body (param i32)))
  (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]input-stream" (func $drop-input (param i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  ;; include respond.wat
  (data (i32.const 64) "/")

  ;; One request; what comes back last is at $last, $length bytes of it.
  (global $last (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))
  (func $fetch (param $authority i32) (param $authority-length i32)
    (local $new i32) (local $future i32) (local $pollable i32) (local $response i32) (local $body i32) (local $input i32)
    (local.set $new (call $request (call $fields)))
    (if (call $set-scheme (local.get $new) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))
      (then (unreachable)))
    (if (call $set-authority (local.get $new) (i32.const 1) (local.get $authority) (local.get $authority-length))
      (then (unreachable)))
    (if (call $set-path (local.get $new) (i32.const 1) (i32.const 64) (i32.const 1)) (then (unreachable)))
    (call $handle (local.get $new) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $expect-ok)
    (local.set $future (i32.load (i32.const 8)))
    (block $there
      (loop $again
        (call $get (local.get $future) (i32.const 0))
        (br_if $there (i32.load8_u (i32.const 0)))
        (local.set $pollable (call $subscribe (local.get $future)))
        (call $block (local.get $pollable))
        (call $drop-pollable (local.get $pollable))
        (br $again)))
    (if (i32.or (i32.load8_u (i32.const 8)) (i32.load8_u (i32.const 16))) (then (unreachable)))
    (local.set $response (i32.load (i32.const 24)))
    (call $drop-future (local.get $future))
    (if (i32.ne (call $status (local.get $response)) (i32.const 200)) (then (unreachable)))
    (call $consume (local.get $response) (i32.const 0))
    (call $expect-ok)
    (local.set $body (i32.load (i32.const 4)))
    (call $body-stream (local.get $body) (i32.const 0))
    (call $expect-ok)
    (local.set $input (i32.load (i32.const 4)))
    (block $end-of-body
      (loop $again
        (call $read (local.get $input) (i64.const 4096) (i32.const 0))
        (if (i32.load8_u (i32.const 0))
          (then
            ;; `closed` is the end of the body; anything else means that the server went away.
            (br_if $end-of-body (i32.eq (i32.load8_u (i32.const 4)) (i32.const 1)))
            (unreachable)))
        (global.set $last (i32.load (i32.const 4)))
        (global.set $length (i32.load (i32.const 8)))
        (br $again)))
    (call $drop-input (local.get $input))
    (call $drop-body (local.get $body))
    (call $drop-response (local.get $response)))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $incoming i32) (param $out i32)
    (local $authority i32) (local $authority-length i32) (local $left i32) (local $heap-before i32)
    (call $path (local.get $incoming) (i32.const 0))
    (if (i32.eqz (i32.load8_u (i32.const 0))) (then (unreachable)))
    (local.set $authority (i32.add (i32.load (i32.const 4)) (i32.const 1)))
    (local.set $authority-length (i32.sub (i32.load (i32.const 8)) (i32.const 1)))
    (local.set $heap-before (global.get $heap))
    (local.set $left (i32.const 10))
    (loop $again
      (global.set $heap (local.get $heap-before))
      (call $fetch (local.get $authority) (local.get $authority-length))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $begin (local.get $out) (i32.const 200))
    (call $send (global.get $last) (global.get $length))
    (call $end)))

;; probe: `GET /SCHEME/AUTHORITY/PATH` asks for `SCHEME://AUTHORITY/PATH` (an empty AUTHORITY is the application itself)
;; and answers with the status and the body that came back. When there is no response, the status is 502 and the body the
;; number of the error code, in two digits; `b` when the body broke off. With a PATH that ends with `!` it waits for 0.2 s at
;; most, for the first byte and between two.

(core module $main
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-scheme"
    (func $set-scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-authority"
    (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-path-with-query"
    (func $set-path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[constructor]request-options" (func $options (result i32)))
  (import "wasi:http/types@0.2.0" "[method]request-options.set-first-byte-timeout"
    (func $set-first (param i32 i32 i64) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]request-options.set-between-bytes-timeout"
    (func $set-between (param i32 i32 i64) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.0" "handle" (func $handle (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.status" (func $status (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-body.stream" (func $body-stream (param i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  ;; include respond.wat

  ;; The offset of the next slash, or of the end.
  (func $slash (param $at i32) (param $end i32) (result i32)
    (block $found
      (loop $again
        (br_if $found (i32.ge_u (local.get $at) (local.get $end)))
        (br_if $found (i32.eq (i32.load8_u (local.get $at)) (i32.const 47)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $again)))
    (local.get $at))

  (func $fail (param $out i32) (param $code i32)
    (i32.store8 (i32.const 64) (i32.add (i32.const 48) (i32.div_u (local.get $code) (i32.const 10))))
    (i32.store8 (i32.const 65) (i32.add (i32.const 48) (i32.rem_u (local.get $code) (i32.const 10))))
    (call $begin (local.get $out) (i32.const 502))
    (call $send (i32.const 64) (i32.const 2))
    (call $end))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $incoming i32) (param $out i32)
    (local $has-options i32) (local $limits i32)
    (local $scheme i32) (local $authority i32) (local $target i32) (local $stop i32)
    (local $new i32) (local $future i32) (local $pollable i32) (local $response i32) (local $input i32) (local $heap-before i32)
    (call $path (local.get $incoming) (i32.const 0))
    (if (i32.eqz (i32.load8_u (i32.const 0))) (then (unreachable)))
    (local.set $scheme (i32.add (i32.load (i32.const 4)) (i32.const 1)))
    (local.set $stop (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 8))))
    (local.set $authority (i32.add (call $slash (local.get $scheme) (local.get $stop)) (i32.const 1)))
    (local.set $target (call $slash (local.get $authority) (local.get $stop)))

    (local.set $new (call $request (call $fields)))
    ;; `https` has five letters.
    (if (call $set-scheme (local.get $new) (i32.const 1)
        (i32.eq (i32.sub (local.get $authority) (local.get $scheme)) (i32.const 6)) (i32.const 0) (i32.const 0))
      (then (unreachable)))
    (if (i32.ne (local.get $authority) (local.get $target))
      (then
        (if (call $set-authority (local.get $new) (i32.const 1)
            (local.get $authority) (i32.sub (local.get $target) (local.get $authority)))
          (then (unreachable)))))
    (if (call $set-path (local.get $new) (i32.const 1) (local.get $target) (i32.sub (local.get $stop) (local.get $target)))
      (then (unreachable)))
    (local.set $has-options (i32.eq (i32.load8_u (i32.sub (local.get $stop) (i32.const 1))) (i32.const 33)))
    (if (local.get $has-options)
      (then
        (local.set $limits (call $options))
        (if (call $set-first (local.get $limits) (i32.const 1) (i64.const 200000000)) (then (unreachable)))
        (if (call $set-between (local.get $limits) (i32.const 1) (i64.const 200000000)) (then (unreachable)))))
    (call $handle (local.get $new) (local.get $has-options) (local.get $limits) (i32.const 0))
    (if (i32.load8_u (i32.const 0))
      (then (return (call $fail (local.get $out) (i32.load8_u (i32.const 8))))))
    (local.set $future (i32.load (i32.const 8)))
    (block $there
      (loop $again
        (call $get (local.get $future) (i32.const 0))
        (br_if $there (i32.load8_u (i32.const 0)))
        (local.set $pollable (call $subscribe (local.get $future)))
        (call $block (local.get $pollable))
        (call $drop-pollable (local.get $pollable))
        (br $again)))
    (if (i32.load8_u (i32.const 16)) (then (return (call $fail (local.get $out) (i32.load8_u (i32.const 24))))))
    (local.set $response (i32.load (i32.const 24)))
    (call $consume (local.get $response) (i32.const 0))
    (call $expect-ok)
    (call $body-stream (i32.load (i32.const 4)) (i32.const 0))
    (call $expect-ok)
    (local.set $input (i32.load (i32.const 4)))
    (call $begin (local.get $out) (call $status (local.get $response)))
    (local.set $heap-before (global.get $heap))
    (block $end-of-body
      (loop $again
        (global.set $heap (local.get $heap-before))
        (call $read (local.get $input) (i64.const 4096) (i32.const 0))
        (if (i32.load8_u (i32.const 0))
          (then
            (br_if $end-of-body (i32.eq (i32.load8_u (i32.const 4)) (i32.const 1)))
            (i32.store8 (i32.const 64) (i32.const 98))
            (call $send (i32.const 64) (i32.const 1))
            (br $end-of-body)))
        (call $send (i32.load (i32.const 4)) (i32.load (i32.const 8)))
        (br $again)))
    (call $end)))

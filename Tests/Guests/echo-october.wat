;; echo-october: as echo, by the interfaces of the snapshot 0.2.0-rc-2023-10-18.
;; Written by generate.py from src/: change it there.
(component
  (import "wasi:io/poll@0.2.0-rc-2023-10-18" (instance $io-poll
    (export "pollable" (type $.pollable (sub resource)))
    (export "poll-one" (func (param "self" (borrow $.pollable))))))
  (alias export $io-poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0-rc-2023-10-18" (instance $io-streams
    (export "error" (type $.error (sub resource)))
    (type $.stream-error-is (variant (case "last-operation-failed" (own $.error)) (case "closed")))
    (export "stream-error" (type $.stream-error (eq $.stream-error-is)))
    (export "input-stream" (type $.input-stream (sub resource)))
    (export "output-stream" (type $.output-stream (sub resource)))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $.input-stream)) (param "len" u64) (result (result (list u8) (error $.stream-error)))))
    (export "[method]output-stream.check-write"
      (func (param "self" (borrow $.output-stream)) (result (result u64 (error $.stream-error)))))
    (export "[method]output-stream.write"
      (func (param "self" (borrow $.output-stream)) (param "contents" (list u8)) (result (result (error $.stream-error)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $.output-stream)) (param "contents" (list u8)) (result (result (error $.stream-error)))))
    (export "[method]output-stream.blocking-flush"
      (func (param "self" (borrow $.output-stream)) (result (result (error $.stream-error)))))
    (export "[method]output-stream.subscribe"
      (func (param "self" (borrow $.output-stream)) (result (own $pollable))))))
  (alias export $io-streams "input-stream" (type $input-stream))
  (alias export $io-streams "output-stream" (type $output-stream))
  (import "wasi:http/types@0.2.0-rc-2023-10-18" (instance $http-types
    (type $.error-is (variant (case "invalid-url" string) (case "timeout-error" string) (case "protocol-error" string)
      (case "unexpected-error" string)))
    (export "error" (type $.error (eq $.error-is)))
    (export "fields" (type $.fields (sub resource)))
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "incoming-body" (type $.incoming-body (sub resource)))
    (export "outgoing-response" (type $.outgoing-response (sub resource)))
    (export "outgoing-body" (type $.outgoing-body (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))
    (export "[constructor]fields"
      (func (param "entries" (list (tuple string (list u8)))) (result (own $.fields))))
    (export "[method]incoming-request.consume"
      (func (param "self" (borrow $.incoming-request)) (result (result (own $.incoming-body)))))
    (export "[method]incoming-body.stream"
      (func (param "self" (borrow $.incoming-body)) (result (result (own $input-stream)))))
    (export "[constructor]outgoing-response"
      (func (param "status-code" u16) (param "headers" (borrow $.fields)) (result (own $.outgoing-response))))
    (export "[method]outgoing-body.write"
      (func (param "self" (borrow $.outgoing-body)) (result (result (own $output-stream)))))
    (export "[static]outgoing-body.finish"
      (func (param "this" (own $.outgoing-body)) (param "trailers" (option (own $.fields)))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $.response-outparam)) (param "response" (result (own $.outgoing-response) (error $.error)))))
    (export "[method]outgoing-response.write"
      (func (param "self" (borrow $.outgoing-response)) (result (result (own $.outgoing-body)))))))
  (alias export $http-types "incoming-request" (type $incoming-request))
  (alias export $http-types "response-outparam" (type $response-outparam))
  ;; The memory is a module of its own, so that it exists before the functions that are lowered with it.
  (core module $allocator
    (memory (export "memory") 2)
    (global $heap (export "heap") (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32) (local $missing i32)
      (local.set $start
        (i32.and
          (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $heap (i32.add (local.get $start) (local.get $size)))
      (local.set $missing
        (i32.sub
          (i32.shr_u (i32.add (global.get $heap) (i32.const 65535)) (i32.const 16))
          (memory.size)))
      (if (i32.gt_s (local.get $missing) (i32.const 0))
        (then
          (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (unreachable)))))
      (memory.copy (local.get $start) (local.get $old) (local.get $old-size))
      (local.get $start)))
  (core instance $env (instantiate $allocator))
  (alias core export $env "memory" (core memory $memory))
  (alias core export $env "realloc" (core func $realloc))

  (core func $http-types.incoming-request.consume
    (canon lower (func $http-types "[method]incoming-request.consume") (memory $memory) (realloc $realloc)))
  (core func $http-types.incoming-body.stream
    (canon lower (func $http-types "[method]incoming-body.stream") (memory $memory) (realloc $realloc)))
  (core func $http-types.constructor-fields
    (canon lower (func $http-types "[constructor]fields") (memory $memory) (realloc $realloc)))
  (core func $http-types.constructor-outgoing-response
    (canon lower (func $http-types "[constructor]outgoing-response") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-response.write
    (canon lower (func $http-types "[method]outgoing-response.write") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-body.write
    (canon lower (func $http-types "[method]outgoing-body.write") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-body.finish
    (canon lower (func $http-types "[static]outgoing-body.finish") (memory $memory) (realloc $realloc)))
  (core func $http-types.response-outparam.set
    (canon lower (func $http-types "[static]response-outparam.set") (memory $memory) (realloc $realloc)))
  (core func $io-streams.input-stream.blocking-read
    (canon lower (func $io-streams "[method]input-stream.blocking-read") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.check-write
    (canon lower (func $io-streams "[method]output-stream.check-write") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.write
    (canon lower (func $io-streams "[method]output-stream.write") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.subscribe
    (canon lower (func $io-streams "[method]output-stream.subscribe") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.blocking-flush
    (canon lower (func $io-streams "[method]output-stream.blocking-flush") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.blocking-write-and-flush
    (canon lower (func $io-streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))
  (core func $io-poll.poll-one
    (canon lower (func $io-poll "poll-one") (memory $memory) (realloc $realloc)))
  (core func $io-streams.resource-drop-output-stream (canon resource.drop $output-stream))
  (core func $io-poll.resource-drop-pollable (canon resource.drop $pollable))

  (core module $main
    (import "wasi:http/types@0.2.0-rc-2023-10-18" "[method]incoming-request.consume" (func $consume (param i32 i32)))
    (import "wasi:http/types@0.2.0-rc-2023-10-18" "[method]incoming-body.stream" (func $body-stream (param i32 i32)))
    (import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
    (import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]output-stream.check-write" (func $check-write (param i32 i32)))
    (import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))
    (import "wasi:io/streams@0.2.0-rc-2023-10-18" "[method]output-stream.blocking-flush" (func $flush (param i32 i32)))
    (import "wasi:io/poll@0.2.0-rc-2023-10-18" "poll-one" (func $block (param i32)))
    (import "wasi:io/poll@0.2.0-rc-2023-10-18" "[resource-drop]pollable" (func $drop-pollable (param i32)))
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

    ;; Writes the bytes, waiting for credit as often as it takes.
    (func $write-all (param $start i32) (param $length i32)
      (local $credit i32) (local $pollable i32)
      (block $done
        (loop $again
          (br_if $done (i32.eqz (local.get $length)))
          (call $check-write (global.get $stream) (i32.const 0))
          (call $expect-ok)
          ;; A credit of 2^31 or more is as good as the rest of the bytes.
          (local.set $credit
            (select
              (i32.wrap_i64 (i64.load (i32.const 8)))
              (local.get $length)
              (i64.lt_u (i64.load (i32.const 8)) (i64.extend_i32_u (local.get $length)))))
          (if (i32.eqz (local.get $credit))
            (then
              (local.set $pollable (call $subscribe (global.get $stream)))
              (call $block (local.get $pollable))
              (call $drop-pollable (local.get $pollable))
              (br $again)))
          (call $write (global.get $stream) (local.get $start) (local.get $credit) (i32.const 0))
          (call $expect-ok)
          (local.set $start (i32.add (local.get $start) (local.get $credit)))
          (local.set $length (i32.sub (local.get $length) (local.get $credit)))
          (br $again))))

    (func (export "wasi:http/incoming-handler@0.2.0-rc-2023-10-18#handle") (param $request i32) (param $out i32)
      (local $input i32)
      (call $consume (local.get $request) (i32.const 0))
      (call $expect-ok)
      (call $body-stream (i32.load (i32.const 4)) (i32.const 0))
      (call $expect-ok)
      (local.set $input (i32.load (i32.const 4)))
      (call $begin (local.get $out) (i32.const 200))
      (block $end-of-body
        (loop $again
          ;; What was read before was written: its memory is free again.
          (global.set $heap (i32.const 65536))
          (call $read (local.get $input) (i64.const 65536) (i32.const 0))
          (if (i32.load8_u (i32.const 0))
            (then
              ;; `closed` is the end of the body; anything else means that the client went away.
              (br_if $end-of-body (i32.eq (i32.load8_u (i32.const 4)) (i32.const 1)))
              (unreachable)))
          (call $write-all (i32.load (i32.const 4)) (i32.load (i32.const 8)))
          (br $again)))
      (call $flush (global.get $stream) (i32.const 0))
      (call $expect-ok)
      (call $end)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "wasi:http/types@0.2.0-rc-2023-10-18" (instance
      (export "[method]incoming-request.consume" (func $http-types.incoming-request.consume))
      (export "[method]incoming-body.stream" (func $http-types.incoming-body.stream))
      (export "[constructor]fields" (func $http-types.constructor-fields))
      (export "[constructor]outgoing-response" (func $http-types.constructor-outgoing-response))
      (export "[method]outgoing-response.write" (func $http-types.outgoing-response.write))
      (export "[method]outgoing-body.write" (func $http-types.outgoing-body.write))
      (export "[static]outgoing-body.finish" (func $http-types.outgoing-body.finish))
      (export "[static]response-outparam.set" (func $http-types.response-outparam.set))))
    (with "wasi:io/streams@0.2.0-rc-2023-10-18" (instance
      (export "[method]input-stream.blocking-read" (func $io-streams.input-stream.blocking-read))
      (export "[method]output-stream.check-write" (func $io-streams.output-stream.check-write))
      (export "[method]output-stream.write" (func $io-streams.output-stream.write))
      (export "[method]output-stream.subscribe" (func $io-streams.output-stream.subscribe))
      (export "[method]output-stream.blocking-flush" (func $io-streams.output-stream.blocking-flush))
      (export "[method]output-stream.blocking-write-and-flush" (func $io-streams.output-stream.blocking-write-and-flush))
      (export "[resource-drop]output-stream" (func $io-streams.resource-drop-output-stream))))
    (with "wasi:io/poll@0.2.0-rc-2023-10-18" (instance
      (export "poll-one" (func $io-poll.poll-one))
      (export "[resource-drop]pollable" (func $io-poll.resource-drop-pollable))))))

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0-rc-2023-10-18#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0-rc-2023-10-18" (instance $handler)))

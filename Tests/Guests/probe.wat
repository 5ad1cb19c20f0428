;; probe: `GET /SCHEME/AUTHORITY/PATH` asks for `SCHEME://AUTHORITY/PATH` (an empty AUTHORITY is the application itself)
;; and answers with the status and the body that came back. When there is no response, the status is 502 and the body the
;; number of the error code, in two digits; `b` when the body broke off. With a PATH that ends with `!` it waits for 0.2 s at
;; most, for the first byte and between two.
;; Written by generate.py from src/: change it there.
(component
  (import "wasi:io/error@0.2.0" (instance $io-error
    (export "error" (type $.error (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/poll@0.2.0" (instance $io-poll
    (export "pollable" (type $.pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $.pollable))))))
  (alias export $io-poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $io-streams
    (type $.stream-error-is (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $.stream-error (eq $.stream-error-is)))
    (export "input-stream" (type $.input-stream (sub resource)))
    (export "output-stream" (type $.output-stream (sub resource)))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $.input-stream)) (param "len" u64) (result (result (list u8) (error $.stream-error)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $.output-stream)) (param "contents" (list u8)) (result (result (error $.stream-error)))))))
  (alias export $io-streams "input-stream" (type $input-stream))
  (alias export $io-streams "output-stream" (type $output-stream))
  (import "wasi:http/types@0.2.0" (instance $http-types
    (type $.DNS-error-payload-is (record (field "rcode" (option string)) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $.DNS-error-payload (eq $.DNS-error-payload-is)))
    (type $.TLS-alert-received-payload-is (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
    (export "TLS-alert-received-payload" (type $.TLS-alert-received-payload (eq $.TLS-alert-received-payload-is)))
    (type $.field-size-payload-is (record (field "field-name" (option string)) (field "field-size" (option u32))))
    (export "field-size-payload" (type $.field-size-payload (eq $.field-size-payload-is)))
    (type $.error-code-is (variant (case "DNS-timeout") (case "DNS-error" $.DNS-error-payload) (case "destination-not-found")
      (case "destination-unavailable") (case "destination-IP-prohibited")
      (case "destination-IP-unroutable") (case "connection-refused") (case "connection-terminated")
      (case "connection-timeout") (case "connection-read-timeout") (case "connection-write-timeout")
      (case "connection-limit-reached") (case "TLS-protocol-error") (case "TLS-certificate-error")
      (case "TLS-alert-received" $.TLS-alert-received-payload) (case "HTTP-request-denied")
      (case "HTTP-request-length-required") (case "HTTP-request-body-size" (option u64))
      (case "HTTP-request-method-invalid") (case "HTTP-request-URI-invalid")
      (case "HTTP-request-URI-too-long") (case "HTTP-request-header-section-size" (option u32))
      (case "HTTP-request-header-size" (option $.field-size-payload))
      (case "HTTP-request-trailer-section-size" (option u32))
      (case "HTTP-request-trailer-size" $.field-size-payload) (case "HTTP-response-incomplete")
      (case "HTTP-response-header-section-size" (option u32))
      (case "HTTP-response-header-size" $.field-size-payload) (case "HTTP-response-body-size" (option u64))
      (case "HTTP-response-trailer-section-size" (option u32))
      (case "HTTP-response-trailer-size" $.field-size-payload)
      (case "HTTP-response-transfer-coding" (option string))
      (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
      (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
      (case "configuration-error") (case "internal-error" (option string))))
    (export "error-code" (type $.error-code (eq $.error-code-is)))
    (type $.scheme-is (variant (case "HTTP") (case "HTTPS") (case "other" string)))
    (export "scheme" (type $.scheme (eq $.scheme-is)))
    (export "fields" (type $.fields (sub resource)))
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "outgoing-request" (type $.outgoing-request (sub resource)))
    (export "request-options" (type $.request-options (sub resource)))
    (export "incoming-response" (type $.incoming-response (sub resource)))
    (export "future-incoming-response" (type $.future-incoming-response (sub resource)))
    (export "incoming-body" (type $.incoming-body (sub resource)))
    (export "outgoing-response" (type $.outgoing-response (sub resource)))
    (export "outgoing-body" (type $.outgoing-body (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))
    (export "[constructor]fields" (func (result (own $.fields))))
    (export "[method]incoming-request.path-with-query"
      (func (param "self" (borrow $.incoming-request)) (result (option string))))
    (export "[constructor]outgoing-request"
      (func (param "headers" (own $.fields)) (result (own $.outgoing-request))))
    (export "[method]outgoing-request.set-path-with-query"
      (func (param "self" (borrow $.outgoing-request)) (param "path-with-query" (option string)) (result (result))))
    (export "[method]outgoing-request.set-scheme"
      (func (param "self" (borrow $.outgoing-request)) (param "scheme" (option $.scheme)) (result (result))))
    (export "[method]outgoing-request.set-authority"
      (func (param "self" (borrow $.outgoing-request)) (param "authority" (option string)) (result (result))))
    (export "[constructor]request-options" (func (result (own $.request-options))))
    (export "[method]request-options.set-first-byte-timeout"
      (func (param "self" (borrow $.request-options)) (param "duration" (option u64)) (result (result))))
    (export "[method]request-options.set-between-bytes-timeout"
      (func (param "self" (borrow $.request-options)) (param "duration" (option u64)) (result (result))))
    (export "[method]future-incoming-response.subscribe"
      (func (param "self" (borrow $.future-incoming-response)) (result (own $pollable))))
    (export "[method]future-incoming-response.get"
      (func (param "self" (borrow $.future-incoming-response)) (result (option (result (result (own $.incoming-response) (error $.error-code)))))))
    (export "[method]incoming-response.status"
      (func (param "self" (borrow $.incoming-response)) (result u16)))
    (export "[method]incoming-response.consume"
      (func (param "self" (borrow $.incoming-response)) (result (result (own $.incoming-body)))))
    (export "[method]incoming-body.stream"
      (func (param "self" (borrow $.incoming-body)) (result (result (own $input-stream)))))
    (export "[constructor]outgoing-response"
      (func (param "headers" (own $.fields)) (result (own $.outgoing-response))))
    (export "[method]outgoing-response.set-status-code"
      (func (param "self" (borrow $.outgoing-response)) (param "status-code" u16) (result (result))))
    (export "[method]outgoing-response.body"
      (func (param "self" (borrow $.outgoing-response)) (result (result (own $.outgoing-body)))))
    (export "[method]outgoing-body.write"
      (func (param "self" (borrow $.outgoing-body)) (result (result (own $output-stream)))))
    (export "[static]outgoing-body.finish"
      (func (param "this" (own $.outgoing-body)) (param "trailers" (option (own $.fields))) (result (result (error $.error-code)))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $.response-outparam)) (param "response" (result (own $.outgoing-response) (error $.error-code)))))))
  (alias export $http-types "error-code" (type $error-code))
  (alias export $http-types "incoming-request" (type $incoming-request))
  (alias export $http-types "outgoing-request" (type $outgoing-request))
  (alias export $http-types "request-options" (type $request-options))
  (alias export $http-types "future-incoming-response" (type $future-incoming-response))
  (alias export $http-types "response-outparam" (type $response-outparam))
  (import "wasi:http/outgoing-handler@0.2.0" (instance $http-outgoing-handler
    (export "handle"
      (func (param "request" (own $outgoing-request)) (param "options" (option (own $request-options))) (result (result (own $future-incoming-response) (error $error-code)))))))
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

  (core func $http-types.incoming-request.path-with-query
    (canon lower (func $http-types "[method]incoming-request.path-with-query") (memory $memory) (realloc $realloc)))
  (core func $http-types.constructor-outgoing-request
    (canon lower (func $http-types "[constructor]outgoing-request") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-request.set-scheme
    (canon lower (func $http-types "[method]outgoing-request.set-scheme") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-request.set-authority
    (canon lower (func $http-types "[method]outgoing-request.set-authority") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-request.set-path-with-query
    (canon lower (func $http-types "[method]outgoing-request.set-path-with-query") (memory $memory) (realloc $realloc)))
  (core func $http-types.constructor-request-options
    (canon lower (func $http-types "[constructor]request-options") (memory $memory) (realloc $realloc)))
  (core func $http-types.request-options.set-first-byte-timeout
    (canon lower (func $http-types "[method]request-options.set-first-byte-timeout") (memory $memory) (realloc $realloc)))
  (core func $http-types.request-options.set-between-bytes-timeout
    (canon lower (func $http-types "[method]request-options.set-between-bytes-timeout") (memory $memory) (realloc $realloc)))
  (core func $http-types.future-incoming-response.subscribe
    (canon lower (func $http-types "[method]future-incoming-response.subscribe") (memory $memory) (realloc $realloc)))
  (core func $http-types.future-incoming-response.get
    (canon lower (func $http-types "[method]future-incoming-response.get") (memory $memory) (realloc $realloc)))
  (core func $http-types.incoming-response.status
    (canon lower (func $http-types "[method]incoming-response.status") (memory $memory) (realloc $realloc)))
  (core func $http-types.incoming-response.consume
    (canon lower (func $http-types "[method]incoming-response.consume") (memory $memory) (realloc $realloc)))
  (core func $http-types.incoming-body.stream
    (canon lower (func $http-types "[method]incoming-body.stream") (memory $memory) (realloc $realloc)))
  (core func $http-types.constructor-fields
    (canon lower (func $http-types "[constructor]fields") (memory $memory) (realloc $realloc)))
  (core func $http-types.constructor-outgoing-response
    (canon lower (func $http-types "[constructor]outgoing-response") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-response.set-status-code
    (canon lower (func $http-types "[method]outgoing-response.set-status-code") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-response.body
    (canon lower (func $http-types "[method]outgoing-response.body") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-body.write
    (canon lower (func $http-types "[method]outgoing-body.write") (memory $memory) (realloc $realloc)))
  (core func $http-types.outgoing-body.finish
    (canon lower (func $http-types "[static]outgoing-body.finish") (memory $memory) (realloc $realloc)))
  (core func $http-types.response-outparam.set
    (canon lower (func $http-types "[static]response-outparam.set") (memory $memory) (realloc $realloc)))
  (core func $http-outgoing-handler.handle
    (canon lower (func $http-outgoing-handler "handle") (memory $memory) (realloc $realloc)))
  (core func $io-streams.input-stream.blocking-read
    (canon lower (func $io-streams "[method]input-stream.blocking-read") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.blocking-write-and-flush
    (canon lower (func $io-streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))
  (core func $io-poll.pollable.block
    (canon lower (func $io-poll "[method]pollable.block") (memory $memory) (realloc $realloc)))
  (core func $io-streams.resource-drop-output-stream (canon resource.drop $output-stream))
  (core func $io-poll.resource-drop-pollable (canon resource.drop $pollable))

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
    ;; Shared: $begin opens the response with a status, $send writes to its body, $end finishes it.
    (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
    (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code"
      (func $set-status (param i32 i32) (result i32)))
    (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $response-body (param i32 i32)))
    (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $body-write (param i32 i32)))
    (import "wasi:http/types@0.2.0" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
    (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
      (func $set-response (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
      (func $write-and-flush (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop-output (param i32)))
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
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "wasi:http/types@0.2.0" (instance
      (export "[method]incoming-request.path-with-query" (func $http-types.incoming-request.path-with-query))
      (export "[constructor]outgoing-request" (func $http-types.constructor-outgoing-request))
      (export "[method]outgoing-request.set-scheme" (func $http-types.outgoing-request.set-scheme))
      (export "[method]outgoing-request.set-authority" (func $http-types.outgoing-request.set-authority))
      (export "[method]outgoing-request.set-path-with-query" (func $http-types.outgoing-request.set-path-with-query))
      (export "[constructor]request-options" (func $http-types.constructor-request-options))
      (export "[method]request-options.set-first-byte-timeout" (func $http-types.request-options.set-first-byte-timeout))
      (export "[method]request-options.set-between-bytes-timeout" (func $http-types.request-options.set-between-bytes-timeout))
      (export "[method]future-incoming-response.subscribe" (func $http-types.future-incoming-response.subscribe))
      (export "[method]future-incoming-response.get" (func $http-types.future-incoming-response.get))
      (export "[method]incoming-response.status" (func $http-types.incoming-response.status))
      (export "[method]incoming-response.consume" (func $http-types.incoming-response.consume))
      (export "[method]incoming-body.stream" (func $http-types.incoming-body.stream))
      (export "[constructor]fields" (func $http-types.constructor-fields))
      (export "[constructor]outgoing-response" (func $http-types.constructor-outgoing-response))
      (export "[method]outgoing-response.set-status-code" (func $http-types.outgoing-response.set-status-code))
      (export "[method]outgoing-response.body" (func $http-types.outgoing-response.body))
      (export "[method]outgoing-body.write" (func $http-types.outgoing-body.write))
      (export "[static]outgoing-body.finish" (func $http-types.outgoing-body.finish))
      (export "[static]response-outparam.set" (func $http-types.response-outparam.set))))
    (with "wasi:http/outgoing-handler@0.2.0" (instance
      (export "handle" (func $http-outgoing-handler.handle))))
    (with "wasi:io/streams@0.2.0" (instance
      (export "[method]input-stream.blocking-read" (func $io-streams.input-stream.blocking-read))
      (export "[method]output-stream.blocking-write-and-flush" (func $io-streams.output-stream.blocking-write-and-flush))
      (export "[resource-drop]output-stream" (func $io-streams.resource-drop-output-stream))))
    (with "wasi:io/poll@0.2.0" (instance
      (export "[method]pollable.block" (func $io-poll.pollable.block))
      (export "[resource-drop]pollable" (func $io-poll.resource-drop-pollable))))))

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))

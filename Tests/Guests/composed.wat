;; composed: answers with the words of its dependency.
;; Written by generate.py from src/: change it there.
(component
  (import "wasi:io/error@0.2.0" (instance $io-error
    (export "error" (type $.error (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $io-streams
    (type $.stream-error-is (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $.stream-error (eq $.stream-error-is)))
    (export "output-stream" (type $.output-stream (sub resource)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $.output-stream)) (param "contents" (list u8)) (result (result (error $.stream-error)))))))
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
    (export "fields" (type $.fields (sub resource)))
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "outgoing-response" (type $.outgoing-response (sub resource)))
    (export "outgoing-body" (type $.outgoing-body (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))
    (export "[constructor]fields" (func (result (own $.fields))))
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
  (alias export $http-types "incoming-request" (type $incoming-request))
  (alias export $http-types "response-outparam" (type $response-outparam))
  (import "test:dep/words@1.0.0" (instance $test-dep-words
    (export "words" (func (result string)))))
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

  (core func $test-dep-words.words
    (canon lower (func $test-dep-words "words") (memory $memory) (realloc $realloc)))
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
  (core func $io-streams.output-stream.blocking-write-and-flush
    (canon lower (func $io-streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))
  (core func $io-streams.resource-drop-output-stream (canon resource.drop $output-stream))

  (core module $main
    (import "test:dep/words@1.0.0" "words" (func $words (param i32)))
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
    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
      (local $words i32) (local $length i32)
      ;; Before the response begins: where its dependency is stopped, the client gets 500.
      (call $words (i32.const 0))
      (local.set $words (i32.load (i32.const 0)))
      (local.set $length (i32.load (i32.const 4)))
      (call $begin (local.get $out) (i32.const 200))
      (call $send (local.get $words) (local.get $length))
      (call $end)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "test:dep/words@1.0.0" (instance
      (export "words" (func $test-dep-words.words))))
    (with "wasi:http/types@0.2.0" (instance
      (export "[constructor]fields" (func $http-types.constructor-fields))
      (export "[constructor]outgoing-response" (func $http-types.constructor-outgoing-response))
      (export "[method]outgoing-response.set-status-code" (func $http-types.outgoing-response.set-status-code))
      (export "[method]outgoing-response.body" (func $http-types.outgoing-response.body))
      (export "[method]outgoing-body.write" (func $http-types.outgoing-body.write))
      (export "[static]outgoing-body.finish" (func $http-types.outgoing-body.finish))
      (export "[static]response-outparam.set" (func $http-types.response-outparam.set))))
    (with "wasi:io/streams@0.2.0" (instance
      (export "[method]output-stream.blocking-write-and-flush" (func $io-streams.output-stream.blocking-write-and-flush))
      (export "[resource-drop]output-stream" (func $io-streams.resource-drop-output-stream))))))

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))

;; send-request: `fermyon:spin/http` with what a request says: its path without the slash is the URL, `%` stands for `/`
;; and `!` for `?`; its method, as far as the interface knows it, is the method. Answers with the status and the body that
;; came back; when there is none, with the status 502 and the number of the error. `POST` sends "body".
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
    (type $.method-is (variant (case "get") (case "head") (case "post") (case "put") (case "delete") (case "connect")
      (case "options") (case "trace") (case "patch") (case "other" string)))
    (export "method" (type $.method (eq $.method-is)))
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
    (export "[method]incoming-request.method"
      (func (param "self" (borrow $.incoming-request)) (result $.method)))
    (export "[method]incoming-request.path-with-query"
      (func (param "self" (borrow $.incoming-request)) (result (option string))))
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
  (import "fermyon:spin/http" (instance $fermyon-spin-http
    (type $.method-is (enum "get" "post" "put" "delete" "patch" "head" "options"))
    (export "method" (type $.method (eq $.method-is)))
    (type $.request-is (record (field "method" $.method) (field "uri" string) (field "headers" (list (tuple string string))) (field "params" (list (tuple string string))) (field "body" (option (list u8)))))
    (export "request" (type $.request (eq $.request-is)))
    (type $.response-is (record (field "status" u16) (field "headers" (option (list (tuple string string)))) (field "body" (option (list u8)))))
    (export "response" (type $.response (eq $.response-is)))
    (type $.http-error-is (enum "success" "destination-not-allowed" "invalid-url" "request-error" "runtime-error" "too-many-requests"))
    (export "http-error" (type $.http-error (eq $.http-error-is)))
    (export "send-request" (func (param "req" $.request) (result (result $.response (error $.http-error)))))))
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
  (core func $http-types.incoming-request.method
    (canon lower (func $http-types "[method]incoming-request.method") (memory $memory) (realloc $realloc)))
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
  (core func $fermyon-spin-http.send-request
    (canon lower (func $fermyon-spin-http "send-request") (memory $memory) (realloc $realloc)))
  (core func $io-streams.output-stream.blocking-write-and-flush
    (canon lower (func $io-streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))
  (core func $io-streams.resource-drop-output-stream (canon resource.drop $output-stream))

  (core module $main
    (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
    (import "wasi:http/types@0.2.0" "[method]incoming-request.method" (func $method (param i32 i32)))
    (import "fermyon:spin/http" "send-request"
      (func $send-request (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
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
    (data (i32.const 128) "x-probe")
    (data (i32.const 144) "yes")
    (data (i32.const 160) "body")

    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $incoming i32) (param $out i32)
      (local $uri i32) (local $length i32) (local $at i32) (local $byte i32) (local $kind i32) (local $left i32) (local $piece i32)
      (call $method (local.get $incoming) (i32.const 0))
      ;; wasi:http has get, head, post, put, delete, connect, options; the other get, post, put, delete, patch, head, options.
      (local.set $kind (i32.load8_u (i32.const 0)))
      (local.set $kind
        (if (result i32) (i32.eq (local.get $kind) (i32.const 2)) (then (i32.const 1))
          (else (if (result i32) (i32.eq (local.get $kind) (i32.const 1)) (then (i32.const 5)) (else (i32.const 0))))))
      (call $path (local.get $incoming) (i32.const 0))
      (if (i32.eqz (i32.load8_u (i32.const 0))) (then (unreachable)))
      (local.set $uri (i32.add (i32.load (i32.const 4)) (i32.const 1)))
      (local.set $length (i32.sub (i32.load (i32.const 8)) (i32.const 1)))
      (local.set $at (local.get $uri))
      (block $done
        (loop $again
          (br_if $done (i32.eq (local.get $at) (i32.add (local.get $uri) (local.get $length))))
          (local.set $byte (i32.load8_u (local.get $at)))
          (if (i32.eq (local.get $byte) (i32.const 37)) (then (i32.store8 (local.get $at) (i32.const 47))))
          (if (i32.eq (local.get $byte) (i32.const 33)) (then (i32.store8 (local.get $at) (i32.const 63))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $again)))
      ;; One header field.
      (i32.store (i32.const 192) (i32.const 128))
      (i32.store (i32.const 196) (i32.const 7))
      (i32.store (i32.const 200) (i32.const 144))
      (i32.store (i32.const 204) (i32.const 3))
      (call $send-request (local.get $kind) (local.get $uri) (local.get $length) (i32.const 192) (i32.const 1)
        (i32.const 0) (i32.const 0)
        (i32.eq (local.get $kind) (i32.const 1)) (i32.const 160) (i32.const 4) (i32.const 256))
      (if (i32.load8_u (i32.const 256))
        (then
          (i32.store8 (i32.const 64) (i32.add (i32.const 48) (i32.load8_u (i32.const 260))))
          (call $begin (local.get $out) (i32.const 502))
          (call $send (i32.const 64) (i32.const 1))
          (return (call $end))))
      (call $begin (local.get $out) (i32.load16_u (i32.const 260)))
      (local.set $at (i32.load (i32.const 280)))
      (local.set $left (i32.load (i32.const 284)))
      (block $done
        (loop $again
          (br_if $done (i32.eqz (local.get $left)))
          (local.set $piece
            (select (local.get $left) (i32.const 4096) (i32.lt_u (local.get $left) (i32.const 4096))))
          (call $send (local.get $at) (local.get $piece))
          (local.set $at (i32.add (local.get $at) (local.get $piece)))
          (local.set $left (i32.sub (local.get $left) (local.get $piece)))
          (br $again)))
      (call $end)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "wasi:http/types@0.2.0" (instance
      (export "[method]incoming-request.path-with-query" (func $http-types.incoming-request.path-with-query))
      (export "[method]incoming-request.method" (func $http-types.incoming-request.method))
      (export "[constructor]fields" (func $http-types.constructor-fields))
      (export "[constructor]outgoing-response" (func $http-types.constructor-outgoing-response))
      (export "[method]outgoing-response.set-status-code" (func $http-types.outgoing-response.set-status-code))
      (export "[method]outgoing-response.body" (func $http-types.outgoing-response.body))
      (export "[method]outgoing-body.write" (func $http-types.outgoing-body.write))
      (export "[static]outgoing-body.finish" (func $http-types.outgoing-body.finish))
      (export "[static]response-outparam.set" (func $http-types.response-outparam.set))))
    (with "fermyon:spin/http" (instance
      (export "send-request" (func $fermyon-spin-http.send-request))))
    (with "wasi:io/streams@0.2.0" (instance
      (export "[method]output-stream.blocking-write-and-flush" (func $io-streams.output-stream.blocking-write-and-flush))
      (export "[resource-drop]output-stream" (func $io-streams.resource-drop-output-stream))))))

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))

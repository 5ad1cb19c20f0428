;; A whole HTTP application in WebAssembly's text format: no language, no SDK, no build step.
;;
;;     swirl up -f hello.wat
;;
;; A component has four parts here: the interfaces that it imports, a core module for the memory, a core module with the
;; program, and the export that the server calls. It may be read from the end: `handle` is called for each request.
(component
  ;; 1. What the server offers and this component uses: of each interface only the types and functions that it needs.

  (import "wasi:io/error@0.2.0" (instance $io-error
    (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))

  (import "wasi:io/streams@0.2.0" (instance $streams
    (type $stream-error' (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error')))
    (export "output-stream" (type $output-stream (sub resource)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output-stream)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))

  (import "wasi:http/types@0.2.0" (instance $http
    (type $dns' (record (field "rcode" (option string)) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $dns (eq $dns')))
    (type $tls' (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
    (export "TLS-alert-received-payload" (type $tls (eq $tls')))
    (type $size' (record (field "field-name" (option string)) (field "field-size" (option u32))))
    (export "field-size-payload" (type $size (eq $size')))
    (type $error-code' (variant
      (case "DNS-timeout") (case "DNS-error" $dns) (case "destination-not-found") (case "destination-unavailable")
      (case "destination-IP-prohibited") (case "destination-IP-unroutable") (case "connection-refused")
      (case "connection-terminated") (case "connection-timeout") (case "connection-read-timeout")
      (case "connection-write-timeout") (case "connection-limit-reached") (case "TLS-protocol-error")
      (case "TLS-certificate-error") (case "TLS-alert-received" $tls) (case "HTTP-request-denied")
      (case "HTTP-request-length-required") (case "HTTP-request-body-size" (option u64))
      (case "HTTP-request-method-invalid") (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
      (case "HTTP-request-header-section-size" (option u32)) (case "HTTP-request-header-size" (option $size))
      (case "HTTP-request-trailer-section-size" (option u32)) (case "HTTP-request-trailer-size" $size)
      (case "HTTP-response-incomplete") (case "HTTP-response-header-section-size" (option u32))
      (case "HTTP-response-header-size" $size) (case "HTTP-response-body-size" (option u64))
      (case "HTTP-response-trailer-section-size" (option u32)) (case "HTTP-response-trailer-size" $size)
      (case "HTTP-response-transfer-coding" (option string)) (case "HTTP-response-content-coding" (option string))
      (case "HTTP-response-timeout") (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
      (case "configuration-error") (case "internal-error" (option string))))
    (export "error-code" (type $error-code (eq $error-code')))
    (type $header-error' (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
    (export "header-error" (type $header-error (eq $header-error')))
    (export "fields" (type $fields (sub resource)))
    (export "incoming-request" (type (sub resource)))
    (export "outgoing-response" (type $outgoing-response (sub resource)))
    (export "outgoing-body" (type $outgoing-body (sub resource)))
    (export "response-outparam" (type $response-outparam (sub resource)))
    (export "[static]fields.from-list"
      (func (param "entries" (list (tuple string (list u8)))) (result (result (own $fields) (error $header-error)))))
    (export "[constructor]outgoing-response" (func (param "headers" (own $fields)) (result (own $outgoing-response))))
    (export "[method]outgoing-response.body"
      (func (param "self" (borrow $outgoing-response)) (result (result (own $outgoing-body)))))
    (export "[method]outgoing-body.write"
      (func (param "self" (borrow $outgoing-body)) (result (result (own $output-stream)))))
    (export "[static]outgoing-body.finish"
      (func (param "this" (own $outgoing-body)) (param "trailers" (option (own $fields)))
        (result (result (error $error-code)))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $response-outparam))
        (param "response" (result (own $outgoing-response) (error $error-code)))))))
  (alias export $http "incoming-request" (type $incoming-request))
  (alias export $http "response-outparam" (type $response-outparam))

  ;; 2. The memory. It is a module of its own because the functions above are lowered with it, and the program, which
  ;;    imports the lowered functions, can only be instantiated after that. What the program says is in the memory, too:
  ;;    at 16 the one header as a list of a name and a value (pointer and length of each), from 32 on the text.

  (core module $Memory
    (memory (export "memory") 1)
    (data (i32.const 16) "\20\00\00\00\0c\00\00\00\2c\00\00\00\0a\00\00\00")
    (data (i32.const 32) "content-typetext/plain")
    (data (i32.const 64) "Hello from Swirl\n")
    ;; Where the server would put the text of an error, which nobody here reads: rather ends the guest.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $memory (instantiate $Memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $fields.from-list (canon lower (func $http "[static]fields.from-list") (memory $mem)))
  (core func $response.new (canon lower (func $http "[constructor]outgoing-response")))
  (core func $response.body (canon lower (func $http "[method]outgoing-response.body") (memory $mem)))
  (core func $body.write (canon lower (func $http "[method]outgoing-body.write") (memory $mem)))
  (core func $body.finish
    (canon lower (func $http "[static]outgoing-body.finish") (memory $mem) (realloc $realloc)))
  (core func $outparam.set (canon lower (func $http "[static]response-outparam.set") (memory $mem)))
  (core func $stream.write
    (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $mem)))
  (core func $stream.drop (canon resource.drop $output-stream))

  ;; 3. The program. Results that are more than one number are written at address 0: first 0 for "ok", then the handle.

  (core module $Program
    (import "host" "memory" (memory 1))
    (import "host" "fields.from-list" (func $fields.from-list (param i32 i32 i32)))
    (import "host" "response.new" (func $response.new (param i32) (result i32)))
    (import "host" "response.body" (func $response.body (param i32 i32)))
    (import "host" "body.write" (func $body.write (param i32 i32)))
    (import "host" "body.finish" (func $body.finish (param i32 i32 i32 i32)))
    (import "host" "outparam.set" (func $outparam.set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "host" "stream.write" (func $stream.write (param i32 i32 i32 i32)))
    (import "host" "stream.drop" (func $stream.drop (param i32)))

    ;; The handle that the last call left at address 0; ends the guest when it left an error.
    (func $result (result i32)
      (if (i32.load8_u (i32.const 0)) (then unreachable))
      (i32.load (i32.const 4)))

    (func (export "handle") (param $request i32) (param $response-out i32)
      (local $response i32) (local $body i32) (local $stream i32)
      (call $fields.from-list (i32.const 16) (i32.const 1) (i32.const 0))
      (local.set $response (call $response.new (call $result)))
      (call $response.body (local.get $response) (i32.const 0))
      (local.set $body (call $result))
      ;; ok(response); the other numbers are room for an error code.
      (call $outparam.set (local.get $response-out) (i32.const 0) (local.get $response)
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (call $body.write (local.get $body) (i32.const 0))
      (local.set $stream (call $result))
      (call $stream.write (local.get $stream) (i32.const 64) (i32.const 17) (i32.const 0))
      (drop (call $result))
      (call $stream.drop (local.get $stream))
      ;; No trailers.
      (call $body.finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0))))

  (core instance $program (instantiate $Program
    (with "host" (instance
      (export "memory" (memory $mem))
      (export "fields.from-list" (func $fields.from-list))
      (export "response.new" (func $response.new))
      (export "response.body" (func $response.body))
      (export "body.write" (func $body.write))
      (export "body.finish" (func $body.finish))
      (export "outparam.set" (func $outparam.set))
      (export "stream.write" (func $stream.write))
      (export "stream.drop" (func $stream.drop))))))

  ;; 4. What the server calls.

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $program "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))

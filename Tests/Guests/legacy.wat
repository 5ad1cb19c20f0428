;; legacy: uses the interfaces of Spin from before versions, in which handles are numbers. Traps where an answer is wrong.
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
  (import "fermyon:spin/key-value" (instance $fermyon-spin-key-value
    (type $.error-is (variant (case "store-table-full") (case "no-such-store") (case "access-denied")
      (case "invalid-store") (case "no-such-key") (case "io" string)))
    (export "error" (type $.error (eq $.error-is)))
    (export "open" (func (param "name" string) (result (result u32 (error $.error)))))
    (export "get" (func (param "store" u32) (param "key" string) (result (result (list u8) (error $.error)))))
    (export "set"
      (func (param "store" u32) (param "key" string) (param "value" (list u8)) (result (result (error $.error)))))
    (export "delete" (func (param "store" u32) (param "key" string) (result (result (error $.error)))))
    (export "exists" (func (param "store" u32) (param "key" string) (result (result bool (error $.error)))))
    (export "get-keys" (func (param "store" u32) (result (result (list string) (error $.error)))))
    (export "close" (func (param "store" u32)))))
  (import "fermyon:spin/sqlite" (instance $fermyon-spin-sqlite
    (type $.error-is (variant (case "no-such-database") (case "access-denied") (case "invalid-connection")
      (case "database-full") (case "io" string)))
    (export "error" (type $.error (eq $.error-is)))
    (type $.value-is (variant (case "integer" s64) (case "real" f64) (case "text" string) (case "blob" (list u8))
      (case "null")))
    (export "value" (type $.value (eq $.value-is)))
    (type $.row-result-is (record (field "values" (list $.value))))
    (export "row-result" (type $.row-result (eq $.row-result-is)))
    (type $.query-result-is (record (field "columns" (list string)) (field "rows" (list $.row-result))))
    (export "query-result" (type $.query-result (eq $.query-result-is)))
    (export "open" (func (param "database" string) (result (result u32 (error $.error)))))
    (export "execute"
      (func (param "conn" u32) (param "statement" string) (param "parameters" (list $.value)) (result (result $.query-result (error $.error)))))
    (export "close" (func (param "conn" u32)))))
  (import "fermyon:spin/config" (instance $fermyon-spin-config
    (type $.error-is (variant (case "provider" string) (case "invalid-key" string) (case "invalid-schema" string)
      (case "other" string)))
    (export "error" (type $.error (eq $.error-is)))
    (export "get-config" (func (param "key" string) (result (result string (error $.error)))))))
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

  (core func $fermyon-spin-key-value.open
    (canon lower (func $fermyon-spin-key-value "open") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-key-value.get
    (canon lower (func $fermyon-spin-key-value "get") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-key-value.set
    (canon lower (func $fermyon-spin-key-value "set") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-key-value.delete
    (canon lower (func $fermyon-spin-key-value "delete") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-key-value.exists
    (canon lower (func $fermyon-spin-key-value "exists") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-key-value.get-keys
    (canon lower (func $fermyon-spin-key-value "get-keys") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-key-value.close
    (canon lower (func $fermyon-spin-key-value "close") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-sqlite.open
    (canon lower (func $fermyon-spin-sqlite "open") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-sqlite.execute
    (canon lower (func $fermyon-spin-sqlite "execute") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-sqlite.close
    (canon lower (func $fermyon-spin-sqlite "close") (memory $memory) (realloc $realloc)))
  (core func $fermyon-spin-config.get-config
    (canon lower (func $fermyon-spin-config "get-config") (memory $memory) (realloc $realloc)))
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
    (import "fermyon:spin/key-value" "open" (func $kv-open (param i32 i32 i32)))
    (import "fermyon:spin/key-value" "get" (func $kv-get (param i32 i32 i32 i32)))
    (import "fermyon:spin/key-value" "set" (func $kv-set (param i32 i32 i32 i32 i32 i32)))
    (import "fermyon:spin/key-value" "delete" (func $kv-delete (param i32 i32 i32 i32)))
    (import "fermyon:spin/key-value" "exists" (func $kv-exists (param i32 i32 i32 i32)))
    (import "fermyon:spin/key-value" "get-keys" (func $kv-keys (param i32 i32)))
    (import "fermyon:spin/key-value" "close" (func $kv-close (param i32)))
    (import "fermyon:spin/sqlite" "open" (func $db-open (param i32 i32 i32)))
    (import "fermyon:spin/sqlite" "execute" (func $db-execute (param i32 i32 i32 i32 i32 i32)))
    (import "fermyon:spin/sqlite" "close" (func $db-close (param i32)))
    (import "fermyon:spin/config" "get-config" (func $config (param i32 i32 i32)))
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
    (data (i32.const 64) "default")
    (data (i32.const 80) "forbidden")
    (data (i32.const 96) "greeting")
    (data (i32.const 112) "SELECT ? || 'b', 7")
    ;; One parameter: the text "key".
    (data (i32.const 160) "\02\00\00\00\00\00\00\00\60\00\00\00\03\00\00\00")

    ;; The error at `place` must be the case `wanted`.
    (func $expect-error (param $place i32) (param $wanted i32)
      (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 1)) (then (unreachable)))
      (if (i32.ne (i32.load8_u (local.get $place)) (local.get $wanted)) (then (unreachable))))

    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
      (local $store i32) (local $db i32) (local $row i32)
      ;; A key, from "default" as the store, "greeting" as the key, "def" as the value.
      (call $kv-open (i32.const 64) (i32.const 7) (i32.const 0))
      (call $expect-ok)
      (local.set $store (i32.load (i32.const 4)))
      (call $kv-set (local.get $store) (i32.const 96) (i32.const 8) (i32.const 64) (i32.const 3) (i32.const 0))
      (call $expect-ok)
      (call $kv-exists (local.get $store) (i32.const 96) (i32.const 8) (i32.const 0))
      (call $expect-ok)
      (if (i32.ne (i32.load8_u (i32.const 4)) (i32.const 1)) (then (unreachable)))
      (call $kv-keys (local.get $store) (i32.const 0))
      (call $expect-ok)
      (if (i32.ne (i32.load (i32.const 8)) (i32.const 1)) (then (unreachable)))
      (call $begin (local.get $out) (i32.const 200))
      (call $kv-get (local.get $store) (i32.const 96) (i32.const 8) (i32.const 0))
      (call $expect-ok)
      (call $send (i32.load (i32.const 4)) (i32.load (i32.const 8)))
      (call $kv-delete (local.get $store) (i32.const 96) (i32.const 8) (i32.const 0))
      (call $expect-ok)
      ;; no-such-key, then invalid-store, then access-denied
      (call $kv-get (local.get $store) (i32.const 96) (i32.const 8) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 4))
      (call $kv-close (local.get $store))
      (call $kv-get (local.get $store) (i32.const 96) (i32.const 8) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 3))
      (call $kv-open (i32.const 80) (i32.const 9) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 2))
      ;; A row of a text and a number.
      (call $db-open (i32.const 64) (i32.const 7) (i32.const 0))
      (call $expect-ok)
      (local.set $db (i32.load (i32.const 4)))
      (call $db-execute (local.get $db) (i32.const 112) (i32.const 18) (i32.const 160) (i32.const 1) (i32.const 0))
      (call $expect-ok)
      (if (i32.ne (i32.load (i32.const 8)) (i32.const 2)) (then (unreachable)))
      (if (i32.ne (i32.load (i32.const 16)) (i32.const 1)) (then (unreachable)))
      (local.set $row (i32.load (i32.load (i32.const 12))))
      (if (i64.ne (i64.load offset=24 (local.get $row)) (i64.const 7)) (then (unreachable)))
      (call $send (i32.load offset=8 (local.get $row)) (i32.load offset=12 (local.get $row)))
      ;; invalid-connection, then access-denied
      (call $db-close (local.get $db))
      (call $db-execute (local.get $db) (i32.const 112) (i32.const 18) (i32.const 160) (i32.const 1) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 2))
      (call $db-open (i32.const 80) (i32.const 9) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 1))
      ;; A variable, then one that is not there (provider), then no name at all (invalid-key).
      (call $config (i32.const 96) (i32.const 8) (i32.const 0))
      (call $expect-ok)
      (call $send (i32.load (i32.const 4)) (i32.load (i32.const 8)))
      (call $config (i32.const 80) (i32.const 9) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 0))
      (call $config (i32.const 112) (i32.const 9) (i32.const 0))
      (call $expect-error (i32.const 4) (i32.const 1))
      (call $end)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "fermyon:spin/key-value" (instance
      (export "open" (func $fermyon-spin-key-value.open))
      (export "get" (func $fermyon-spin-key-value.get))
      (export "set" (func $fermyon-spin-key-value.set))
      (export "delete" (func $fermyon-spin-key-value.delete))
      (export "exists" (func $fermyon-spin-key-value.exists))
      (export "get-keys" (func $fermyon-spin-key-value.get-keys))
      (export "close" (func $fermyon-spin-key-value.close))))
    (with "fermyon:spin/sqlite" (instance
      (export "open" (func $fermyon-spin-sqlite.open))
      (export "execute" (func $fermyon-spin-sqlite.execute))
      (export "close" (func $fermyon-spin-sqlite.close))))
    (with "fermyon:spin/config" (instance
      (export "get-config" (func $fermyon-spin-config.get-config))))
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

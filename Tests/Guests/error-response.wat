;; error-response: sets an error code in place of a response: `internal-error(none)`; the host answers 500.
;; Written by generate.py from src/: change it there.
(component
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
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "outgoing-response" (type $.outgoing-response (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))
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

  (core func $http-types.response-outparam.set
    (canon lower (func $http-types "[static]response-outparam.set") (memory $memory) (realloc $realloc)))

  (core module $main
    (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
      (func $set-response (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "env" "memory" (memory 1))
    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
      (call $set-response
        (local.get $out)
        (i32.const 1) (i32.const 38) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "wasi:http/types@0.2.0" (instance
      (export "[static]response-outparam.set" (func $http-types.response-outparam.set))))))

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))

/// Components of WASI 0.3 in text, made of a handler in a few lines of core WebAssembly.
///
/// The core module has in `h`: `fields`, `response` (headers, is-some, stream, trailers, result pointer), `status`
/// (response, code), `consume` (request, result future, result pointer), `drop-request`, `return` (response),
/// `wait-for` (nanoseconds; gives a subtask), `stream-new`, `read`, `write`, `drop-r`, `drop-w`, and the same of the
/// futures of trailers (`t-…`) and of results (`u-…`), `set-new`, `join`, `drop-subtask`, `drop-set`. All that can block
/// does, except `wait-for`. The memory's first KiB is zeros: what a successful future holds.
enum ConcurrentGuest {
    /// - Parameters:
    ///   - code: defines `handle` (param i32) (result i32), and `callback` unless it is the usual one.
    ///   - isMiddleware: imports a handler as well: `next` (request, result pointer).
    static func text(
        _ code: String, version: String = "0.3.0", isMiddleware: Bool = false, clocks: String = "0.3.0"
    ) -> String {
        let callback =
            code.contains("\"callback\"")
            ? "" : #"(func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))"#
        return """
            (component
              (import "wasi:clocks/monotonic-clock@\(clocks)" (instance $clock
                (export "wait-for" (func async (param "how-long" u64)))))
              (import "wasi:http/types@\(version)" (instance $types \(Self.types)))
              (alias export $types "fields" (type $fields))
              (alias export $types "request" (type $request))
              (alias export $types "response" (type $response))
              (alias export $types "error-code" (type $error))
              \(isMiddleware ? Self.nextImport(version) : "")
              (type $bytes (stream u8))
              (type $trailers (future (result (option (own $fields)) (error $error))))
              (type $outcome (future (result (error $error))))
              (core module $libc
                (memory (export "memory") 4)
                (global $next (mut i32) (i32.const 131072))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                  (local $at i32)
                  (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                  (global.set $next (i32.add (local.get $at) (local.get 3)))
                  (local.get $at)))
              (core instance $libc (instantiate $libc))
              (alias core export $libc "memory" (core memory $memory))
              (alias core export $libc "realloc" (core func $realloc))
              (core func $fields (canon lower (func $types "[constructor]fields")))
              (core func $response (canon lower (func $types "[static]response.new") (memory $memory)))
              (core func $status (canon lower (func $types "[method]response.set-status-code")))
              (core func $consume (canon lower (func $types "[static]request.consume-body") (memory $memory)))
              (core func $wait-for (canon lower (func $clock "wait-for") async (memory $memory)))
              (core func $drop-request (canon resource.drop $request))
              (core func $return
                (canon task.return (result (result (own $response) (error $error))) (memory $memory)))
              (core func $stream-new (canon stream.new $bytes))
              (core func $read (canon stream.read $bytes (memory $memory)))
              (core func $write (canon stream.write $bytes (memory $memory)))
              (core func $drop-r (canon stream.drop-readable $bytes))
              (core func $drop-w (canon stream.drop-writable $bytes))
              (core func $t-new (canon future.new $trailers))
              (core func $t-write (canon future.write $trailers (memory $memory) (realloc $realloc)))
              (core func $t-drop-r (canon future.drop-readable $trailers))
              (core func $t-drop-w (canon future.drop-writable $trailers))
              (core func $u-new (canon future.new $outcome))
              (core func $u-write (canon future.write $outcome (memory $memory) (realloc $realloc)))
              (core func $u-drop-r (canon future.drop-readable $outcome))
              (core func $u-drop-w (canon future.drop-writable $outcome))
              (core func $set-new (canon waitable-set.new))
              (core func $join (canon waitable.join))
              (core func $drop-subtask (canon subtask.drop))
              (core func $drop-set (canon waitable-set.drop))
              \(isMiddleware ? Self.nextLowered : "")
              (core module $main
                (import "libc" "memory" (memory 4))
                (import "h" "fields" (func $fields (result i32)))
                (import "h" "response" (func $response (param i32 i32 i32 i32 i32)))
                (import "h" "status" (func $status (param i32 i32) (result i32)))
                (import "h" "consume" (func $consume (param i32 i32 i32)))
                (import "h" "wait-for" (func $wait-for (param i64) (result i32)))
                (import "h" "drop-request" (func $drop-request (param i32)))
                (import "h" "return" (func $task-return (param i32 i32 i32 i64 i32 i32 i32 i32)))
                (import "h" "stream-new" (func $stream-new (result i64)))
                (import "h" "read" (func $read (param i32 i32 i32) (result i32)))
                (import "h" "write" (func $write (param i32 i32 i32) (result i32)))
                (import "h" "drop-r" (func $drop-r (param i32)))
                (import "h" "drop-w" (func $drop-w (param i32)))
                (import "h" "t-new" (func $t-new (result i64)))
                (import "h" "t-write" (func $t-write (param i32 i32) (result i32)))
                (import "h" "t-drop-r" (func $t-drop-r (param i32)))
                (import "h" "t-drop-w" (func $t-drop-w (param i32)))
                (import "h" "u-new" (func $u-new (result i64)))
                (import "h" "u-write" (func $u-write (param i32 i32) (result i32)))
                (import "h" "u-drop-r" (func $u-drop-r (param i32)))
                (import "h" "u-drop-w" (func $u-drop-w (param i32)))
                (import "h" "set-new" (func $set-new (result i32)))
                (import "h" "join" (func $join (param i32 i32)))
                (import "h" "drop-subtask" (func $drop-subtask (param i32)))
                (import "h" "drop-set" (func $drop-set (param i32)))
                \(isMiddleware ? #"(import "h" "next" (func $next (param i32 i32)))"# : "")
                \(Self.library)
                \(callback)
                \(code))
              (core instance $main (instantiate $main
                (with "libc" (instance $libc))
                (with "h" (instance
                  \(isMiddleware ? #"(export "next" (func $next))"# : "")
                  \(Self.exports)))))
              (type $handle (func async (param "request" (own $request))
                (result (result (own $response) (error $error)))))
              (func $handle (type $handle) (canon lift (core func $main "handle") async
                (callback (func $main "callback")) (memory $memory) (realloc $realloc)))
              (instance $handler (export "handle" (func $handle)))
              (export "wasi:http/handler@\(version)" (instance $handler)))
            """
    }

    private static func nextImport(_ version: String) -> String {
        """
        (import "wasi:http/handler@\(version)" (instance $handler
          (export "handle" (func async (param "request" (own $request))
            (result (result (own $response) (error $error)))))))
        """
    }

    private static let nextLowered = """
        (core func $next (canon lower (func $handler "handle") (memory $memory) (realloc $realloc)))
        """

    private static let exports = [
        "fields", "response", "status", "consume", "wait-for", "drop-request", "return", "stream-new", "read", "write",
        "drop-r", "drop-w", "t-new", "t-write", "t-drop-r", "t-drop-w", "u-new", "u-write", "u-drop-r", "u-drop-w",
        "set-new", "join", "drop-subtask", "drop-set",
    ].map { #"(export "\#($0)" (func $\#($0)))"# }.joined(separator: "\n")

    /// `begin` answers with a response whose body is a stream; `$body` and `$tail` are what the guest writes then.
    private static let library = """
        (global $body (mut i32) (i32.const 0))
        (global $tail (mut i32) (i32.const 0))
        (data (i32.const 1024) "Hello from a Swirl test guest\\n")
        (func $low (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
        (func $high (param i64) (result i32) (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))
        (func $answer (param $response i32)
          (call $task-return (i32.const 0) (local.get $response)
            (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
        (func $begin
          (local $s i64) (local $t i64)
          (local.set $s (call $stream-new))
          (local.set $t (call $t-new))
          (global.set $body (call $high (local.get $s)))
          (global.set $tail (call $high (local.get $t)))
          (call $response (call $fields) (i32.const 1) (call $low (local.get $s)) (call $low (local.get $t))
            (i32.const 512))
          (call $u-drop-r (i32.load (i32.const 516)))
          (call $answer (i32.load (i32.const 512)))
          (i64.store (i32.const 512) (i64.const 0)))
        (func $end
          (call $drop-w (global.get $body))
          (drop (call $t-write (global.get $tail) (i32.const 0)))
          (call $t-drop-w (global.get $tail)))
        (func $hello
          (call $begin)
          (drop (call $write (global.get $body) (i32.const 1024) (i32.const 30)))
          (call $end))
        ;; Gives the stream of a request's body.
        (func $open (param $request i32) (result i32)
          (local $u i64) (local $stream i32)
          (local.set $u (call $u-new))
          (call $consume (local.get $request) (call $low (local.get $u)) (i32.const 512))
          (drop (call $u-write (call $high (local.get $u)) (i32.const 0)))
          (call $u-drop-w (call $high (local.get $u)))
          (local.set $stream (i32.load (i32.const 512)))
          (call $t-drop-r (i32.load (i32.const 516)))
          (i64.store (i32.const 512) (i64.const 0))
          (local.get $stream))
        """

    private static let types = """
        (type $dns' (record (field "rcode" (option string)) (field "info-code" (option u16))))
        (export "DNS-error-payload" (type $dns (eq $dns')))
        (type $tls' (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
        (export "TLS-alert-received-payload" (type $tls (eq $tls')))
        (type $size' (record (field "field-name" (option string)) (field "field-size" (option u32))))
        (export "field-size-payload" (type $size (eq $size')))
        (type $error' (variant
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
          (case "HTTP-response-timeout") (case "HTTP-upgrade-failed") (case "HTTP-protocol-error")
          (case "loop-detected") (case "configuration-error") (case "internal-error" (option string))))
        (export "error-code" (type $error (eq $error')))
        (export "fields" (type $fields (sub resource)))
        (export "request" (type $request (sub resource)))
        (export "response" (type $response (sub resource)))
        (export "[constructor]fields" (func (result (own $fields))))
        (export "[static]response.new" (func (param "headers" (own $fields)) (param "contents" (option (stream u8)))
          (param "trailers" (future (result (option (own $fields)) (error $error))))
          (result (tuple (own $response) (future (result (error $error)))))))
        (export "[method]response.set-status-code" (func (param "self" (borrow $response)) (param "status-code" u16)
          (result (result))))
        (export "[static]request.consume-body" (func (param "this" (own $request))
          (param "res" (future (result (error $error))))
          (result (tuple (stream u8) (future (result (option (own $fields)) (error $error)))))))
        """
}

;; send-request: `fermyon:spin/http` with what a request says: its path without the slash is the URL, `%` stands for `/`
;; and `!` for `?`; its method, as far as the interface knows it, is the method. Answers with the status and the body that
;; came back; when there is none, with the status 502 and the number of the error. `POST` sends "body".

(core module $main
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.method" (func $method (param i32 i32)))
  (import "fermyon:spin/http" "send-request"
    (func $send-request (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  ;; include respond.wat
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

;; redis: `GET /HOST:PORT` sets a key on that Redis server, gets it, and answers with what it got; what access to a server
;; costs. `GET /HOST:PORT?b` waits 0.1 s for an element of a list that stays empty. An error is answered with 503.

(core module $main
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "fermyon:spin/redis@2.0.0" "[static]connection.open" (func $open (param i32 i32 i32)))
  (import "fermyon:spin/redis@2.0.0" "[method]connection.get" (func $get (param i32 i32 i32 i32)))
  (import "fermyon:spin/redis@2.0.0" "[method]connection.set" (func $set (param i32 i32 i32 i32 i32 i32)))
  (import "fermyon:spin/redis@2.0.0" "[method]connection.execute" (func $execute (param i32 i32 i32 i32 i32 i32)))
  (import "fermyon:spin/redis@2.0.0" "[resource-drop]connection" (func $drop-connection (param i32)))
  ;; include respond.wat
  (data (i32.const 64) "BLPOP")
  (data (i32.const 80) "key-of-the-guest")
  (data (i32.const 96) "0.1")
  (data (i32.const 128) "a value of some sixty-four bytes, as much as a small record has.")
  ;; Two `redis-parameter`s: a case, then start and length of bytes.
  (data (i32.const 192) "\01\00\00\00\00\00\00\00\50\00\00\00\0c\00\00\00\01\00\00\00\00\00\00\00\60\00\00\00\03\00\00\00")
  ;; The address: the path follows.
  (data (i32.const 512) "redis:/")

  (func $fail (param $out i32)
    (call $begin (local.get $out) (i32.const 503))
    (call $end))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $length i32) (local $connection i32)
    (call $path (local.get $request) (i32.const 0))
    (local.set $length (i32.load (i32.const 8)))
    (if (i32.gt_u (local.get $length) (i32.const 200)) (then (unreachable)))
    (memory.copy (i32.const 519) (i32.load (i32.const 4)) (local.get $length))
    (call $open (i32.const 512) (i32.add (local.get $length) (i32.const 7)) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (return (call $fail (local.get $out)))))
    (local.set $connection (i32.load (i32.const 4)))
    (if (i32.eq (i32.load8_u (i32.add (i32.const 518) (local.get $length))) (i32.const 98))
      (then
        (call $execute (local.get $connection) (i32.const 64) (i32.const 5) (i32.const 192) (i32.const 2) (i32.const 0))
        (if (i32.load8_u (i32.const 0)) (then (return (call $fail (local.get $out)))))
        (call $drop-connection (local.get $connection))
        (call $begin (local.get $out) (i32.const 204))
        (return (call $end))))
    (call $set
      (local.get $connection) (i32.const 80) (i32.const 16) (i32.const 128) (i32.const 64) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (return (call $fail (local.get $out)))))
    (call $get (local.get $connection) (i32.const 80) (i32.const 16) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (return (call $fail (local.get $out)))))
    (call $drop-connection (local.get $connection))
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.load (i32.const 24)) (i32.load (i32.const 28)))
    (call $end)))

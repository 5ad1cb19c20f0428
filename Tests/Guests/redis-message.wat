;; redis-message: prints each message as a line. One that begins with `t` traps, with `e` is answered with an error, with
;; `l` never ends.
(component
  (import "wasi:io/error@0.2.0" (instance $io-error
    (export "error" (type $.error (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $io-streams
    (type $.stream-error-is (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $.stream-error (eq $.stream-error-is)))
    (export "output-stream" (type $.output-stream (sub resource)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $.output-stream)) (param "contents" (list u8))
        (result (result (error $.stream-error)))))))
  (alias export $io-streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.0" (instance $cli-stdout
    (alias outer 1 $output-stream (type $.output-stream-is))
    (export "output-stream" (type $.output-stream (eq $.output-stream-is)))
    (export "get-stdout" (func (result (own $.output-stream))))))

  (core module $allocator
    (memory (export "memory") 2)
    (global $heap (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32)
      (local.set $start (global.get $heap))
      (global.set $heap (i32.add (local.get $start) (local.get $size)))
      (if (i32.gt_u (global.get $heap) (i32.const 131000)) (then (unreachable)))
      (local.get $start)))
  (core instance $env (instantiate $allocator))
  (alias core export $env "memory" (core memory $memory))
  (alias core export $env "realloc" (core func $realloc))
  (core func $get-stdout (canon lower (func $cli-stdout "get-stdout")))
  (core func $write (canon lower
    (func $io-streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))

  (core module $main
    (import "env" "memory" (memory 1))
    (import "host" "get-stdout" (func $get-stdout (result i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (data (i32.const 64) "\n")
    (func (export "handle-message") (param $start i32) (param $count i32) (result i32)
      (local $first i32)
      (local $stdout i32)
      (if (local.get $count) (then (local.set $first (i32.load8_u (local.get $start)))))
      (if (i32.eq (local.get $first) (i32.const 116)) (then (unreachable)))
      (if (i32.eq (local.get $first) (i32.const 108)) (then (loop $again (br $again))))
      (i32.store16 (i32.const 16) (i32.const 0))
      (if (i32.eq (local.get $first) (i32.const 101)) (then
        (i32.store16 (i32.const 16) (i32.const 0x0101))
        (return (i32.const 16))))
      (local.set $stdout (call $get-stdout))
      (call $write (local.get $stdout) (local.get $start) (local.get $count) (i32.const 32))
      (call $write (local.get $stdout) (i32.const 64) (i32.const 1) (i32.const 32))
      (i32.const 16)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "host" (instance
      (export "get-stdout" (func $get-stdout))
      (export "write" (func $write))))))

  (import "fermyon:spin/redis-types" (instance $redis-types
    (type $.error-is (enum "success" "error"))
    (export "error" (type $.error (eq $.error-is)))))
  (alias export $redis-types "error" (type $redis-error))
  (func $handle (param "message" (list u8)) (result (result (error $redis-error)))
    (canon lift (core func $main "handle-message") (memory $memory) (realloc $realloc)))
  (instance $handler (export "handle-message" (func $handle)))
  (export "fermyon:spin/inbound-redis" (instance $handler)))

;; echo-november: as echo, by the interfaces of the snapshot 0.2.0-rc-2023-11-10.

(core module $main
  (import "wasi:http/types@0.2.0-rc-2023-11-10" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.0-rc-2023-11-10" "[method]incoming-body.stream" (func $body-stream (param i32 i32)))
  (import "wasi:io/streams@0.2.0-rc-2023-11-10" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.0-rc-2023-11-10" "[method]output-stream.check-write" (func $check-write (param i32 i32)))
  (import "wasi:io/streams@0.2.0-rc-2023-11-10" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0-rc-2023-11-10" "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:io/streams@0.2.0-rc-2023-11-10" "[method]output-stream.blocking-flush" (func $flush (param i32 i32)))
  (import "wasi:io/poll@0.2.0-rc-2023-11-10" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0-rc-2023-11-10" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  ;; include respond-november.wat

  ;; Writes the bytes, waiting for credit as often as it takes.
  (func $write-all (param $start i32) (param $length i32)
    (local $credit i32) (local $pollable i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $length)))
        (call $check-write (global.get $stream) (i32.const 0))
        (call $expect-ok)
        ;; A credit of 2^31 or more is as good as the rest of the bytes.
        (local.set $credit
          (select
            (i32.wrap_i64 (i64.load (i32.const 8)))
            (local.get $length)
            (i64.lt_u (i64.load (i32.const 8)) (i64.extend_i32_u (local.get $length)))))
        (if (i32.eqz (local.get $credit))
          (then
            (local.set $pollable (call $subscribe (global.get $stream)))
            (call $block (local.get $pollable))
            (call $drop-pollable (local.get $pollable))
            (br $again)))
        (call $write (global.get $stream) (local.get $start) (local.get $credit) (i32.const 0))
        (call $expect-ok)
        (local.set $start (i32.add (local.get $start) (local.get $credit)))
        (local.set $length (i32.sub (local.get $length) (local.get $credit)))
        (br $again))))

  (func (export "wasi:http/incoming-handler@0.2.0-rc-2023-11-10#handle") (param $request i32) (param $out i32)
    (local $input i32)
    (call $consume (local.get $request) (i32.const 0))
    (call $expect-ok)
    (call $body-stream (i32.load (i32.const 4)) (i32.const 0))
    (call $expect-ok)
    (local.set $input (i32.load (i32.const 4)))
    (call $begin (local.get $out) (i32.const 200))
    (block $end-of-body
      (loop $again
        ;; What was read before was written: its memory is free again.
        (global.set $heap (i32.const 65536))
        (call $read (local.get $input) (i64.const 65536) (i32.const 0))
        (if (i32.load8_u (i32.const 0))
          (then
            ;; `closed` is the end of the body; anything else means that the client went away.
            (br_if $end-of-body (i32.eq (i32.load8_u (i32.const 4)) (i32.const 1)))
            (unreachable)))
        (call $write-all (i32.load (i32.const 4)) (i32.load (i32.const 8)))
        (br $again)))
    (call $flush (global.get $stream) (i32.const 0))
    (call $expect-ok)
    (call $end)))

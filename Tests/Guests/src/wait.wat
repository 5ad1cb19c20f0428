;; wait: sends "waiting\n", waits 500 ms on the monotonic clock, then sends "done\n". For shutdown while a request runs,
;; for many requests that wait at once, and for clients that go away.

(core module $main
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  ;; include respond.wat
  (data (i32.const 64) "waiting\ndone\n")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $pollable i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 64) (i32.const 8))
    (local.set $pollable (call $after (i64.const 500000000)))
    (call $block (local.get $pollable))
    (call $drop-pollable (local.get $pollable))
    (call $send (i32.const 72) (i32.const 5))
    (call $end)))

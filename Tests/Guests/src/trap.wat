;; trap: reaches `unreachable` at once, two calls deep, so that the backtrace has something to show.

(core module $main
  (import "env" "memory" (memory 1))
  (func $fails-on-purpose (unreachable))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $fails-on-purpose)))

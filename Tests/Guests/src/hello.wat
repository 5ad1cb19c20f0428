;; hello: answers every request with 200 and a short text. The smallest useful guest, also the one of the benchmarks.

(core module $main
  ;; include respond.wat
  (data (i32.const 64) "Hello from a Swirl test guest\n")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 64) (i32.const 30))
    (call $end)))

;; trap-late: sends the head and a part of the body, then traps: the client must see that the response is incomplete.

(core module $main
  ;; include respond.wat
  (data (i32.const 64) "the beginning\n")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 64) (i32.const 14))
    (unreachable)))

;; unread-body: answers 200 without looking at the request body: the connection must stay usable or be closed cleanly.

(core module $main
  ;; include respond.wat
  (data (i32.const 64) "not read\n")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 64) (i32.const 9))
    (call $end)))

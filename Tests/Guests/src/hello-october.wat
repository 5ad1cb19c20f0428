;; hello-october: hello by the interfaces of the snapshot 0.2.0-rc-2023-10-18.

(core module $main
  ;; include respond-october.wat
  (data (i32.const 64) "Hello from a Swirl test guest\n")
  (func (export "wasi:http/incoming-handler@0.2.0-rc-2023-10-18#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 64) (i32.const 30))
    (call $end)))

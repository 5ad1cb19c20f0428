;; double-response: sets the response twice. The first call takes the response-outparam, so the second one uses a handle
;; that is gone: a trap.

(core module $main
  ;; include respond.wat
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $begin (local.get $out) (i32.const 201))))

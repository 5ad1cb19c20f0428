;; error-response: sets an error code in place of a response: `internal-error(none)`; the host answers 500.

(core module $main
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
    (func $set-response (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "env" "memory" (memory 1))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $set-response
      (local.get $out)
      (i32.const 1) (i32.const 38) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))

;; bad-handle: uses a handle that the host never gave out: a trap of this guest alone.

(core module $main
  ;; include respond.wat
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $write-and-flush (i32.const 4711) (i32.const 0) (i32.const 0) (i32.const 0))))

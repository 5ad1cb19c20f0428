;; bad-pointer: gives the host a list that ends outside of its memory: a trap of this guest alone.

(core module $main
  ;; include respond.wat
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $write-and-flush (global.get $stream) (i32.const -16) (i32.const 4096) (i32.const 0))))

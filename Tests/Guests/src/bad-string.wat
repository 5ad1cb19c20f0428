;; bad-string: gives the host a header name that is not UTF-8: a trap of this guest alone.

(core module $main
  (import "wasi:http/types@0.2.0" "[method]fields.has" (func $has (param i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "env" "memory" (memory 1))
  (data (i32.const 64) "ab\ff\fe")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (drop (call $has (call $fields) (i32.const 64) (i32.const 4)))))

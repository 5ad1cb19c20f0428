;; unknown-import: imports a function that no host offers: it is refused at the start.

(core module $main
  (import "example:unknown/thing@1.2.3" "do-it" (func $do-it (param i32 i32) (result i32)))
  (import "env" "memory" (memory 1))
  (data (i32.const 64) "anything")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (drop (call $do-it (i32.const 64) (i32.const 8)))))

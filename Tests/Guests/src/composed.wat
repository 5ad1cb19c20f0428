;; composed: answers with the words of its dependency.

(core module $main
  (import "test:dep/words@1.0.0" "words" (func $words (param i32)))
  ;; include respond.wat
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $words i32) (local $length i32)
    ;; Before the response begins: where its dependency is stopped, the client gets 500.
    (call $words (i32.const 0))
    (local.set $words (i32.load (i32.const 0)))
    (local.set $length (i32.load (i32.const 4)))
    (call $begin (local.get $out) (i32.const 200))
    (call $send (local.get $words) (local.get $length))
    (call $end)))

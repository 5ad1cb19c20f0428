;; no-response: returns without setting a response; the host has to answer 500.

(core module $main
  (import "env" "memory" (memory 1))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)))

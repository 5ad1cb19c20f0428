;; two-handlers: exports a handler of 0.2 and one of a snapshot: nobody can tell which one is to be called.

(core module $main
  (import "env" "memory" (memory 1))
  (import "wasi:http/types@0.2.0-rc-2023-11-10" "[resource-drop]fields" (func $drop-older (param i32)))
  (import "wasi:http/types@0.2.0" "[resource-drop]fields" (func $drop (param i32)))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32))
  (func (export "wasi:http/incoming-handler@0.2.0-rc-2023-11-10#handle") (param $request i32) (param $out i32)))

;; print: writes one line to stdout, one to stderr, and an unfinished line to stdout; then answers 204.

(core module $main
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
  (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
  ;; include respond.wat
  (data (i32.const 64) "a line on stdout\n")
  (data (i32.const 96) "a line on stderr\n")
  (data (i32.const 128) "no newline at the end")
  (func $print (param $to i32) (param $start i32) (param $length i32)
    (call $write-and-flush (local.get $to) (local.get $start) (local.get $length) (i32.const 0))
    (call $expect-ok)
    (call $drop-output (local.get $to)))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $print (call $stdout) (i32.const 64) (i32.const 17))
    (call $print (call $stderr) (i32.const 96) (i32.const 17))
    (call $print (call $stdout) (i32.const 128) (i32.const 21))
    (call $begin (local.get $out) (i32.const 204))
    (call $end)))

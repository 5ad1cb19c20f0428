;; environment: writes back its environment, a "NAME=value" line each.

(core module $main
  (import "wasi:cli/environment@0.2.0" "get-environment" (func $environment (param i32)))
  ;; include respond.wat
  (data (i32.const 64) "=\n")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $entry i32) (local $end i32)
    (call $begin (local.get $out) (i32.const 200))
    (call $environment (i32.const 0))
    (local.set $entry (i32.load (i32.const 0)))
    (local.set $end (i32.add (local.get $entry) (i32.shl (i32.load (i32.const 4)) (i32.const 4))))
    (loop $again
      (if (i32.lt_u (local.get $entry) (local.get $end))
        (then
          (call $send (i32.load (local.get $entry)) (i32.load offset=4 (local.get $entry)))
          (call $send (i32.const 64) (i32.const 1))
          (call $send (i32.load offset=8 (local.get $entry)) (i32.load offset=12 (local.get $entry)))
          (call $send (i32.const 65) (i32.const 1))
          (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
          (br $again))))
    (call $end)))

;; mixed-versions: a component put together from parts of different age: streams of 0.2.0, HTTP types of 0.2.0 and of
;; 0.2.1, and a clock of 0.2.6. All of them must be the same implementation.

(core module $main
  (import "wasi:http/types@0.2.1" "[constructor]fields" (func $newer-fields (result i32)))
  (import "wasi:http/types@0.2.1" "[method]fields.append" (func $newer-append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.1" "[method]fields.has" (func $newer-has (param i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.1" "[resource-drop]fields" (func $newer-drop (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.6" "now" (func $now (result i64)))
  ;; include respond.wat
  (data (i32.const 64) "x-age0.2.1")
  (data (i32.const 96) "mixed versions work\n")
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $newer i32)
    (local.set $newer (call $newer-fields))
    (call $newer-append
      (local.get $newer) (i32.const 64) (i32.const 5) (i32.const 69) (i32.const 5) (i32.const 0))
    (call $expect-ok)
    (if (i32.eqz (call $newer-has (local.get $newer) (i32.const 64) (i32.const 5))) (then (unreachable)))
    (call $newer-drop (local.get $newer))
    (if (i64.eqz (call $now)) (then (unreachable)))
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 96) (i32.const 20))
    (call $end)))

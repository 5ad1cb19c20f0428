;; headers: writes back what it sees of a request, a line each: method, path with query, and every header as
;; "name: value" in the order in which the host gives them. Also sets headers of its own.

(core module $main
  (import "wasi:http/types@0.2.0" "[method]incoming-request.method" (func $method (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.headers" (func $headers (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.entries" (func $entries (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[resource-drop]fields" (func $drop-fields (param i32)))
  ;; include respond.wat

  ;; The methods in the order of the variant, 8 bytes each, filled up with NUL.
  (data (i32.const 64) "GET\00\00\00\00\00HEAD\00\00\00\00POST\00\00\00\00PUT\00\00\00\00\00DELETE\00\00")
  (data (i32.const 104) "CONNECT\00OPTIONS\00TRACE\00\00\00PATCH\00\00\00")
  (data (i32.const 136) "\n: ")
  (data (i32.const 144) "content-typetext/plainx-guestfirstsecond")

  (func $newline (call $send (i32.const 136) (i32.const 1)))

  ;; The length of the text at $start that ends before a NUL, at most 8.
  (func $short-length (param $start i32) (result i32)
    (local $n i32)
    (loop $again
      (if (i32.and
            (i32.lt_u (local.get $n) (i32.const 8))
            (i32.ne (i32.load8_u (i32.add (local.get $start) (local.get $n))) (i32.const 0)))
        (then
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $again))))
    (local.get $n))

  ;; Sends a text of any length, 4096 bytes at a time.
  (func $send-all (param $start i32) (param $length i32)
    (local $part i32)
    (loop $again
      (if (local.get $length)
        (then
          (local.set $part
            (select (local.get $length) (i32.const 4096) (i32.lt_u (local.get $length) (i32.const 4096))))
          (call $send (local.get $start) (local.get $part))
          (local.set $start (i32.add (local.get $start) (local.get $part)))
          (local.set $length (i32.sub (local.get $length) (local.get $part)))
          (br $again)))))

  (func $add-header (param $fields i32) (param $name i32) (param $name-length i32) (param $value i32) (param $length i32)
    (call $append
      (local.get $fields) (local.get $name) (local.get $name-length) (local.get $value) (local.get $length)
      (i32.const 0))
    (call $expect-ok))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $fields i32) (local $entry i32) (local $end i32) (local $text i32)
    (local.set $fields (call $fields))
    (call $add-header (local.get $fields) (i32.const 144) (i32.const 12) (i32.const 156) (i32.const 10))
    (call $add-header (local.get $fields) (i32.const 166) (i32.const 7) (i32.const 173) (i32.const 5))
    (call $add-header (local.get $fields) (i32.const 166) (i32.const 7) (i32.const 178) (i32.const 6))
    (call $begin-with (local.get $out) (i32.const 200) (local.get $fields))

    (call $method (local.get $request) (i32.const 0))
    (if (i32.lt_u (i32.load8_u (i32.const 0)) (i32.const 9))
      (then
        (local.set $text (i32.add (i32.const 64) (i32.shl (i32.load8_u (i32.const 0)) (i32.const 3))))
        (call $send (local.get $text) (call $short-length (local.get $text))))
      (else (call $send-all (i32.load (i32.const 4)) (i32.load (i32.const 8)))))
    (call $newline)

    (call $path (local.get $request) (i32.const 0))
    (if (i32.load8_u (i32.const 0))
      (then (call $send-all (i32.load (i32.const 4)) (i32.load (i32.const 8)))))
    (call $newline)

    (local.set $fields (call $headers (local.get $request)))
    (call $entries (local.get $fields) (i32.const 0))
    (local.set $entry (i32.load (i32.const 0)))
    ;; An entry is two pairs of pointer and length.
    (local.set $end (i32.add (local.get $entry) (i32.shl (i32.load (i32.const 4)) (i32.const 4))))
    (loop $again
      (if (i32.lt_u (local.get $entry) (local.get $end))
        (then
          (call $send-all (i32.load (local.get $entry)) (i32.load offset=4 (local.get $entry)))
          (call $send (i32.const 137) (i32.const 2))
          (call $send-all (i32.load offset=8 (local.get $entry)) (i32.load offset=12 (local.get $entry)))
          (call $newline)
          (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
          (br $again))))
    (call $drop-fields (local.get $fields))
    (call $end)))

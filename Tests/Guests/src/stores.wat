;; stores: does one thing as often as the path says and answers with how often; what a capability costs. `GET /g1000`
;; gets a key of the store "default" 1000 times, `/s1000` sets it, `/G1000` and `/S1000` do so in the store "redis",
;; `/r10` reads all rows of a table 10 times, and adds up their first column.

(core module $main
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "fermyon:spin/key-value@2.0.0" "[static]store.open" (func $open (param i32 i32 i32)))
  (import "fermyon:spin/key-value@2.0.0" "[method]store.get" (func $get (param i32 i32 i32 i32)))
  (import "fermyon:spin/key-value@2.0.0" "[method]store.set" (func $set (param i32 i32 i32 i32 i32 i32)))
  (import "spin:sqlite/sqlite@3.0.0" "[static]connection.open" (func $connect (param i32 i32 i32)))
  (import "spin:sqlite/sqlite@3.0.0" "[method]connection.execute" (func $execute (param i32 i32 i32 i32 i32 i32)))
  ;; include respond.wat
  (data (i32.const 64) "default")
  (data (i32.const 72) "redis")
  (data (i32.const 80) "key-of-the-guest")
  (data (i32.const 128) "a value of some sixty-four bytes, as much as a small record has.")
  (data (i32.const 192) "SELECT id, ratio, name, data, missing FROM rows")

  ;; Adds up the first column of a result at address 0.
  (func $sum (result i64)
    (local $row i32) (local $end i32) (local $sum i64)
    (local.set $row (i32.load (i32.const 12)))
    (local.set $end (i32.add (local.get $row) (i32.mul (i32.load (i32.const 16)) (i32.const 8))))
    (loop $next
      (if (i32.lt_u (local.get $row) (local.get $end))
        (then
          (local.set $sum (i64.add (local.get $sum) (i64.load offset=8 (i32.load (local.get $row)))))
          (local.set $row (i32.add (local.get $row) (i32.const 8)))
          (br $next))))
    (local.get $sum))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $what i32) (local $digit i32) (local $last i32) (local $left i32) (local $handle i32) (local $free i32)
    (local $length i32) (local $sum i64)
    (call $path (local.get $request) (i32.const 0))
    (local.set $digit (i32.load (i32.const 4)))
    (local.set $length (i32.load (i32.const 8)))
    (local.set $last (i32.add (local.get $digit) (local.get $length)))
    (local.set $what (i32.load8_u offset=1 (local.get $digit)))
    (local.set $digit (i32.add (local.get $digit) (i32.const 2)))
    (loop $digits
      (if (i32.lt_u (local.get $digit) (local.get $last))
        (then
          (local.set $left
            (i32.add
              (i32.mul (local.get $left) (i32.const 10))
              (i32.sub (i32.load8_u (local.get $digit)) (i32.const 48))))
          (local.set $digit (i32.add (local.get $digit) (i32.const 1)))
          (br $digits))))
    ;; Small letters are for "default", capital ones for "redis".
    (if (i32.eq (local.get $what) (i32.const 114))
      (then (call $connect (i32.const 64) (i32.const 7) (i32.const 0)))
      (else
        (if (i32.ge_u (local.get $what) (i32.const 97))
          (then (call $open (i32.const 64) (i32.const 7) (i32.const 0)))
          (else
            (call $open (i32.const 72) (i32.const 5) (i32.const 0))
            (local.set $what (i32.add (local.get $what) (i32.const 32)))))))
    (call $expect-ok)
    (local.set $handle (i32.load (i32.const 4)))
    (local.set $free (global.get $heap))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $left)))
        (if (i32.eq (local.get $what) (i32.const 103))
          (then
            (call $get (local.get $handle) (i32.const 80) (i32.const 16) (i32.const 0))
            (call $expect-ok)
            (if (i32.ne (i32.load (i32.const 12)) (i32.const 64)) (then (unreachable))))
          (else
            (if (i32.eq (local.get $what) (i32.const 115))
              (then
                ;; Another value each time: SQLite does not write one that is there already.
                (i32.store (i32.const 128) (local.get $left))
                (call $set
                  (local.get $handle) (i32.const 80) (i32.const 16) (i32.const 128) (i32.const 64) (i32.const 0))
                (call $expect-ok))
              (else
                (call $execute
                  (local.get $handle) (i32.const 192) (i32.const 47) (i32.const 0) (i32.const 0) (i32.const 0))
                (call $expect-ok)
                (local.set $sum (i64.add (local.get $sum) (call $sum)))))))
        ;; As `free` would.
        (global.set $heap (local.get $free))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again)))
    (if (i64.lt_s (local.get $sum) (i64.const 0)) (then (unreachable)))
    (call $begin (local.get $out) (i32.const 200))
    (call $send (i32.const 64) (i32.const 7))
    (call $end)))

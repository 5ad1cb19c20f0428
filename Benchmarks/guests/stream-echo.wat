;; stream-echo: gives back a stream of the bytes that it reads, 64 KiB at a time, waiting in the built-ins themselves.
;; export echo: async (param "in" (stream u8)) (result (stream u8))

(component
  (core module $libc (memory (export "memory") 2))
  (core instance $libc (instantiate $libc))
  (type $bytes (stream u8))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory (core memory $libc "memory"))))
  (core func $write (canon stream.write $bytes (memory (core memory $libc "memory"))))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core func $return (canon task.return (result $bytes)))
  (core instance $builtins
    (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))
    (export "return" (func $return)))
  (core module $main
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "echo") (param $in i32)
      (local $ends i64) (local $out i32) (local $read i32) (local $done i32) (local $written i32)
      (local.set $ends (call $new))
      (local.set $out (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (block $over
        (loop $more
          (local.set $read (call $read (local.get $in) (i32.const 0) (i32.const 65536)))
          (local.set $done (i32.const 0))
          (block $all
            (loop $rest
              (br_if $all (i32.ge_u (local.get $done) (i32.shr_u (local.get $read) (i32.const 4))))
              (local.set $written (call $write (local.get $out) (local.get $done)
                (i32.sub (i32.shr_u (local.get $read) (i32.const 4)) (local.get $done))))
              (br_if $over (i32.and (local.get $written) (i32.const 15)))
              (local.set $done (i32.add (local.get $done) (i32.shr_u (local.get $written) (i32.const 4))))
              (br $rest)))
          (br_if $more (i32.eqz (i32.and (local.get $read) (i32.const 15))))))
      (call $drop-readable (local.get $in))
      (call $drop-writable (local.get $out))))
  (core instance $main (instantiate $main (with "" (instance $builtins))))
  (func (export "echo") async (param "in" $bytes) (result $bytes)
    (canon lift (core func $main "echo") async)))

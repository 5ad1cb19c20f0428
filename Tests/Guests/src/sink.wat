;; sink: moves `list<u8>` between guest and host with no meaning, for benchmarks: `send` gives the host the same bytes
;; so many times, `receive` takes a list of so many bytes from it.
;; export send: (param "size" u32) (param "times" u32)
;; export receive: (param "size" u32) (param "times" u32)

(core module $main
  (import "bench:host/sink" "put" (func $put (param i32 i32)))
  (import "bench:host/sink" "get" (func $get (param i32 i32)))
  (import "env" "memory" (memory 1))
  (import "env" "heap" (global $heap (mut i32)))
  (func (export "send") (param $size i32) (param $times i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub
        (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (unreachable)))))
    (loop $again
      (if (local.get $times)
        (then
          (call $put (i32.const 65536) (local.get $size))
          (local.set $times (i32.sub (local.get $times) (i32.const 1)))
          (br $again)))))
  (func (export "receive") (param $size i32) (param $times i32)
    (loop $again
      (if (local.get $times)
        (then
          (global.set $heap (i32.const 65536))
          (call $get (local.get $size) (i32.const 0))
          (local.set $times (i32.sub (local.get $times) (i32.const 1)))
          (br $again))))))

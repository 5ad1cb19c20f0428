;; sink: moves `list<u8>` between guest and host with no meaning, for benchmarks: `send` gives the host the same bytes
;; so many times, `receive` takes a list of so many bytes from it.
;; export send: (param "size" u32) (param "times" u32)
;; export receive: (param "size" u32) (param "times" u32)
;; Written by generate.py from src/: change it there.
(component
  (import "bench:host/sink" (instance $bench-host-sink
    (export "put" (func (param "bytes" (list u8))))
    (export "get" (func (param "length" u32) (result (list u8))))))
  ;; The memory is a module of its own, so that it exists before the functions that are lowered with it.
  (core module $allocator
    (memory (export "memory") 2)
    (global $heap (export "heap") (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32) (local $missing i32)
      (local.set $start
        (i32.and
          (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $heap (i32.add (local.get $start) (local.get $size)))
      (local.set $missing
        (i32.sub
          (i32.shr_u (i32.add (global.get $heap) (i32.const 65535)) (i32.const 16))
          (memory.size)))
      (if (i32.gt_s (local.get $missing) (i32.const 0))
        (then
          (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (unreachable)))))
      (memory.copy (local.get $start) (local.get $old) (local.get $old-size))
      (local.get $start)))
  (core instance $env (instantiate $allocator))
  (alias core export $env "memory" (core memory $memory))
  (alias core export $env "realloc" (core func $realloc))

  (core func $bench-host-sink.put
    (canon lower (func $bench-host-sink "put") (memory $memory) (realloc $realloc)))
  (core func $bench-host-sink.get
    (canon lower (func $bench-host-sink "get") (memory $memory) (realloc $realloc)))

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
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "bench:host/sink" (instance
      (export "put" (func $bench-host-sink.put))
      (export "get" (func $bench-host-sink.get))))))

  (func (export "send") (param "size" u32) (param "times" u32)
    (canon lift (core func $main "send") (memory $memory) (realloc $realloc)))
  (func (export "receive") (param "size" u32) (param "times" u32)
    (canon lift (core func $main "receive") (memory $memory) (realloc $realloc))))

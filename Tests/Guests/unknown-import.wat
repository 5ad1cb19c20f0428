;; unknown-import: imports a function that no host offers: it is refused at the start.
;; Written by generate.py from src/: change it there.
(component
  (import "wasi:http/types@0.2.0" (instance $http-types
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))))
  (alias export $http-types "incoming-request" (type $incoming-request))
  (alias export $http-types "response-outparam" (type $response-outparam))
  (import "example:unknown/thing@1.2.3" (instance $example-unknown-thing
    (export "do-it" (func (param "what" string) (result u32)))))
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

  (core func $example-unknown-thing.do-it
    (canon lower (func $example-unknown-thing "do-it") (memory $memory) (realloc $realloc)))

  (core module $main
    (import "example:unknown/thing@1.2.3" "do-it" (func $do-it (param i32 i32) (result i32)))
    (import "env" "memory" (memory 1))
    (data (i32.const 64) "anything")
    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
      (drop (call $do-it (i32.const 64) (i32.const 8)))))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "example:unknown/thing@1.2.3" (instance
      (export "do-it" (func $example-unknown-thing.do-it))))))

  (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))

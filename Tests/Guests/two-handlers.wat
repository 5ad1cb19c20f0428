;; two-handlers: exports a handler of 0.2 and one of a snapshot: nobody can tell which one is to be called.
;; Written by generate.py from src/: change it there.
(component
  (import "wasi:http/types@0.2.0-rc-2023-11-10" (instance $http-types@0.2.0-rc-2023-11-10
    (export "fields" (type $.fields (sub resource)))
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))))
  (alias export $http-types@0.2.0-rc-2023-11-10 "fields" (type $fields@0.2.0-rc-2023-11-10))
  (alias export $http-types@0.2.0-rc-2023-11-10 "incoming-request" (type $incoming-request@0.2.0-rc-2023-11-10))
  (alias export $http-types@0.2.0-rc-2023-11-10 "response-outparam" (type $response-outparam@0.2.0-rc-2023-11-10))
  (import "wasi:http/types@0.2.0" (instance $http-types@0.2.0
    (export "fields" (type $.fields (sub resource)))
    (export "incoming-request" (type $.incoming-request (sub resource)))
    (export "response-outparam" (type $.response-outparam (sub resource)))))
  (alias export $http-types@0.2.0 "fields" (type $fields@0.2.0))
  (alias export $http-types@0.2.0 "incoming-request" (type $incoming-request@0.2.0))
  (alias export $http-types@0.2.0 "response-outparam" (type $response-outparam@0.2.0))
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

  (core func $http-types@0.2.0-rc-2023-11-10.resource-drop-fields (canon resource.drop $fields@0.2.0-rc-2023-11-10))
  (core func $http-types@0.2.0.resource-drop-fields (canon resource.drop $fields@0.2.0))

  (core module $main
    (import "env" "memory" (memory 1))
    (import "wasi:http/types@0.2.0-rc-2023-11-10" "[resource-drop]fields" (func $drop-older (param i32)))
    (import "wasi:http/types@0.2.0" "[resource-drop]fields" (func $drop (param i32)))
    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32))
    (func (export "wasi:http/incoming-handler@0.2.0-rc-2023-11-10#handle") (param $request i32) (param $out i32)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "wasi:http/types@0.2.0-rc-2023-11-10" (instance
      (export "[resource-drop]fields" (func $http-types@0.2.0-rc-2023-11-10.resource-drop-fields))))
    (with "wasi:http/types@0.2.0" (instance
      (export "[resource-drop]fields" (func $http-types@0.2.0.resource-drop-fields))))))

  (func $handle (param "request" (own $incoming-request@0.2.0)) (param "response-out" (own $response-outparam@0.2.0))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0#handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
  (func $handle-2 (param "request" (own $incoming-request@0.2.0-rc-2023-11-10)) (param "response-out" (own $response-outparam@0.2.0-rc-2023-11-10))
    (canon lift (core func $main "wasi:http/incoming-handler@0.2.0-rc-2023-11-10#handle")))
  (instance $handler-2 (export "handle" (func $handle-2)))
  (export "wasi:http/incoming-handler@0.2.0-rc-2023-11-10" (instance $handler-2)))

;; redis-async: takes messages by the asynchronous interface, with the callback ABI. A message that begins with `e` is
;; answered with an error that says `no` in two lines, one with `t` traps, one with `l` never ends; any other one is the address of a
;; server, on which the asynchronous functions count.
(component
  (import "spin:redis/redis@3.0.0" (instance $redis
    (type $.error-is (variant (case "invalid-address") (case "too-many-connections") (case "type-error")
      (case "other" string)))
    (export "error" (type $.error (eq $.error-is)))
    (export "connection" (type $.connection (sub resource)))
    (export "[static]connection.open" (func async (param "address" string)
      (result (result (own $.connection) (error $.error)))))
    (export "[method]connection.incr" (func async (param "self" (borrow $.connection)) (param "key" string)
      (result (result s64 (error $.error)))))))
  (alias export $redis "error" (type $error))
  (alias export $redis "connection" (type $connection))

  (core module $allocator
    (memory (export "memory") 2)
    (global $heap (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32)
      (local.set $start (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
      (global.set $heap (i32.add (local.get $start) (local.get $size)))
      (if (i32.gt_u (global.get $heap) (i32.const 131000)) (then (unreachable)))
      (local.get $start)))
  (core instance $env (instantiate $allocator))
  (alias core export $env "memory" (core memory $memory))
  (alias core export $env "realloc" (core func $realloc))

  (core func $open (canon lower (func $redis "[static]connection.open") async (memory $memory) (realloc $realloc)))
  (core func $incr (canon lower (func $redis "[method]connection.incr") async (memory $memory) (realloc $realloc)))
  (core func $drop (canon resource.drop $connection))
  (core func $return (canon task.return (result (result (error $error))) (memory $memory)))
  (core func $new-set (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $drop-subtask (canon subtask.drop))

  (core module $main
    (import "env" "memory" (memory 1))
    (import "host" "open" (func $open (param i32 i32 i32) (result i32)))
    (import "host" "incr" (func $incr (param i32 i32 i32 i32) (result i32)))
    (import "host" "drop" (func $drop (param i32)))
    (import "host" "return" (func $return (param i32 i32 i32 i32)))
    (import "host" "new-set" (func $new-set (result i32)))
    (import "host" "join" (func $join (param i32 i32)))
    (import "host" "drop-subtask" (func $drop-subtask (param i32)))
    (data (i32.const 64) "counter")
    (data (i32.const 80) "no\n!")
    (global $set (mut i32) (i32.const 0))
    (global $step (mut i32) (i32.const 0))

    ;; A call that began: waits for it, or goes on when it has ended at once.
    (func $after (param $state i32) (result i32)
      (if (i32.eq (i32.and (local.get $state) (i32.const 15)) (i32.const 2)) (then (return (call $next))))
      (call $join (i32.shr_u (local.get $state) (i32.const 4)) (global.get $set))
      (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))

    (func $next (result i32)
      (if (i32.load8_u (i32.const 32)) (then
        (call $return (i32.const 1) (i32.load8_u (i32.const 36)) (i32.const 80) (i32.const 4))
        (return (i32.const 0))))
      (global.set $step (i32.add (global.get $step) (i32.const 1)))
      (if (i32.eq (global.get $step) (i32.const 1)) (then
        (i32.store (i32.const 16) (i32.load (i32.const 36)))
        (return (call $after
          (call $incr (i32.load (i32.const 16)) (i32.const 64) (i32.const 7) (i32.const 32))))))
      (call $drop (i32.load (i32.const 16)))
      (call $return (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.const 0))

    (func (export "handle-message") (param $start i32) (param $count i32) (result i32)
      (local $first i32)
      (if (local.get $count) (then (local.set $first (i32.load8_u (local.get $start)))))
      (if (i32.eq (local.get $first) (i32.const 116)) (then (unreachable)))
      (if (i32.eq (local.get $first) (i32.const 108)) (then (loop $again (br $again))))
      (if (i32.eq (local.get $first) (i32.const 101)) (then
        (call $return (i32.const 1) (i32.const 3) (i32.const 80) (i32.const 4))
        (return (i32.const 0))))
      (global.set $set (call $new-set))
      (call $after (call $open (local.get $start) (local.get $count) (i32.const 32))))

    ;; The call has ended when its state is 2.
    (func (export "callback") (param $event i32) (param $subtask i32) (param $state i32) (result i32)
      (if (i32.ne (local.get $state) (i32.const 2)) (then
        (return (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))))
      (call $join (local.get $subtask) (i32.const 0))
      (call $drop-subtask (local.get $subtask))
      (call $next)))
  (core instance $main (instantiate $main
    (with "env" (instance $env))
    (with "host" (instance
      (export "open" (func $open))
      (export "incr" (func $incr))
      (export "drop" (func $drop))
      (export "return" (func $return))
      (export "new-set" (func $new-set))
      (export "join" (func $join))
      (export "drop-subtask" (func $drop-subtask))))))

  (func $handle async (param "message" (list u8)) (result (result (error $error)))
    (canon lift (core func $main "handle-message") async (callback (core func $main "callback"))
      (memory $memory) (realloc $realloc)))
  (instance $handler (export "handle-message" (func $handle)))
  (export "spin:redis/inbound-redis@3.0.0" (instance $handler)))

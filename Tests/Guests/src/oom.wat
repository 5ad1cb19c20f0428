;; oom: grows its memory for ever and touches each new page; traps when the host refuses to give more.

(core module $main
  (import "env" "memory" (memory 1))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $page i32)
    (loop $again
      (local.set $page (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
      (i32.store8 (i32.shl (local.get $page) (i32.const 16)) (i32.const 1))
      (br $again))))

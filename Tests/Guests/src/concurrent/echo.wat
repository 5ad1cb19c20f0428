;; Reads the body of the request and writes it, piece by piece. Whoever takes it may take less than it is given.
(func (export "handle") (param $request i32) (result i32)
  (local $source i32) (local $got i32) (local $at i32) (local $end i32) (local $put i32)
  (local.set $source (call $open (local.get $request)))
  (call $begin)
  (block $closed
    (loop $next
      (local.set $got (call $read (local.get $source) (i32.const 65536) (i32.const 65536)))
      (local.set $at (i32.const 65536))
      (local.set $end (i32.add (local.get $at) (i32.shr_u (local.get $got) (i32.const 4))))
      (loop $rest
        (if (i32.lt_u (local.get $at) (local.get $end)) (then
          (local.set $put
            (call $write (global.get $body) (local.get $at) (i32.sub (local.get $end) (local.get $at))))
          ;; Nobody reads any more.
          (br_if $closed (i32.and (local.get $put) (i32.const 15)))
          (local.set $at (i32.add (local.get $at) (i32.shr_u (local.get $put) (i32.const 4))))
          (br $rest))))
      (br_if $next (i32.eqz (i32.and (local.get $got) (i32.const 15))))))
  (call $drop-r (local.get $source))
  (call $end)
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))

;; Reads the body of the request and writes it, piece by piece.
(func (export "handle") (param $request i32) (result i32)
  (local $source i32) (local $got i32)
  (local.set $source (call $open (local.get $request)))
  (call $begin)
  (loop $next
    (local.set $got (call $read (local.get $source) (i32.const 65536) (i32.const 65536)))
    (if (i32.shr_u (local.get $got) (i32.const 4)) (then
      (drop (call $write (global.get $body) (i32.const 65536) (i32.shr_u (local.get $got) (i32.const 4))))))
    (br_if $next (i32.eqz (i32.and (local.get $got) (i32.const 15)))))
  (call $drop-r (local.get $source))
  (call $end)
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))

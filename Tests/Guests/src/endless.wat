;; endless: sends 4096 bytes at a time for ever. A slow reader must hold it up, one that goes away must end it.

(core module $main
  ;; include respond.wat
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (call $begin (local.get $out) (i32.const 200))
    (loop $again
      (call $send (i32.const 4096) (i32.const 4096))
      (br $again))))

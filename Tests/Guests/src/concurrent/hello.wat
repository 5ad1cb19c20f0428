;; Answers with a short text.
(func (export "handle") (param $request i32) (result i32)
  (call $drop-request (local.get $request))
  (call $hello)
  (i32.const 0))
(func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))

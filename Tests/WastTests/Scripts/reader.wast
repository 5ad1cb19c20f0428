(; Block comments (; nest ;) and may hold "quotes" ;)
(module $"a name with spaces" ;; and a string
  (func (export "\"\\\74\u{e9}") (result i32) (i32.const 1)) (@annotation "is (skipped)" (nested))
  (func (export ")") (result i32) (i32.const 2)))(invoke")")
(assert_return (invoke "\"\\\74é") (i32.const 1))
(assert_return (invoke $"a name with spaces" ")")(i32.const 2))

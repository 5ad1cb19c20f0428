import ComponentModel
import Testing

/// Canonical functions: types, options and built-ins.
@Suite struct CanonRefusalTests {
    /// What each case may use.
    private static let prelude = """
        (core module $m
          (memory (export "memory") 1) (memory (export "wide") i64 1) (memory (export "shared") 1 1 shared)
          (table (export "table") 1 funcref) (table (export "externs") 1 externref)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
          (func (export "none"))
          (func (export "short") (param i32))
          (func (export "pair") (param i32 i32))
          (func (export "number") (result i32) unreachable)
          (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
          (func (export "v") (param v128)))
        (core instance $i (instantiate $m))
        (alias core export $i "memory" (core memory $memory))
        (alias core export $i "wide" (core memory $wide))
        (alias core export $i "shared" (core memory $shared))
        (alias core export $i "table" (core table $table))
        (alias core export $i "externs" (core table $externs))
        (alias core export $i "realloc" (core func $realloc))
        (alias core export $i "none" (core func $none))
        (alias core export $i "short" (core func $short))
        (alias core export $i "pair" (core func $pair))
        (alias core export $i "number" (core func $number))
        (alias core export $i "callback" (core func $callback))
        (alias core export $i "v" (core func $v))
        (import "f" (func $f)) (import "a" (func $a async))
        (type $stream (stream u8)) (type $strings (stream string)) (type $nothing (stream))
        (type $future (future u8))
        (core type $start (func (param i32)))
        """

    @Test(arguments: [
        // Lifting.
        ("(func (canon lift (core func 99)))", "unknown function 99"),
        (
            "(func (param \"x\" u64) (canon lift (core func $short)))",
            "lowered parameter types `[I64]` do not match parameter types `[I32]` of core function"
        ),
        ("(func (param \"x\" u32) (canon lift (core func $v)))", "parameter types `[V128]`"),
        (
            "(func (result u64) (canon lift (core func $number)))",
            "lowered result types `[I64]` do not match result types `[I32]` of core function"
        ),
        ("(func (param \"x\" string) (canon lift (core func $pair)))", "`memory` is required"),
        ("(func (param \"x\" (list u8)) (canon lift (core func $pair) (memory $memory)))", "`realloc` is required"),
        ("(func (result string) (canon lift (core func $number)))", "`memory` is required"),
        (
            "(func (canon lift (core func $none) (post-return (core func $short))))",
            "`post-return` uses a core function with an incorrect signature: it must have type (func), "
                + "but has (func (param i32))"
        ),
        (
            "(func async (canon lift (core func $none) async (post-return (core func $none))))",
            "`post-return` cannot be specified with `async`"
        ),
        ("(func (canon lift (core func $none) (callback (core func $callback))))", "`callback` requires `async`"),
        (
            "(func async (canon lift (core func $number) async (callback (core func $short))))",
            "`callback` uses a core function with an incorrect signature"
        ),
        (
            "(func (canon lift (core func $none) async))",
            "the `async` canonical option requires an async function type"
        ),
        // Options of both.
        ("(core func (canon lower (func 99)))", "unknown function 99"),
        ("(core func (canon lower (func $f) (memory 99)))", "unknown memory 99"),
        ("(core func (canon lower (func $f) (realloc 99) (memory $memory)))", "unknown function 99"),
        (
            "(core func (canon lower (func $f) (memory $shared)))",
            "`memory`: mismatch in the shared flag for memories"
        ),
        ("(core func (canon lower (func $f) (realloc (core func $realloc))))", "`realloc` requires `memory`"),
        (
            "(core func (canon lower (func $f) (memory $memory) (realloc (core func $short))))",
            "`realloc` uses a core function with an incorrect signature"
        ),
        (
            "(core func (canon lower (func $f) (memory $wide) (realloc (core func $realloc))))",
            "`realloc` uses a core function with an incorrect signature"
        ),
        (
            "(core func (canon lower (func $f) (post-return (core func $none))))",
            "`post-return` cannot be specified for lowerings"
        ),
        (
            "(core func (canon lower (func $f) (callback (core func $callback))))",
            "`callback` cannot be specified for lowerings"
        ),
        ("(core func (canon lower (func $f) async))", "requires an async function type"),
        ("(import \"g\" (func $g (param \"x\" string))) (core func (canon lower (func $g)))", "`memory` is required"),
        (
            "(import \"g\" (func $g (result string))) (core func (canon lower (func $g) (memory $memory)))",
            "`realloc` is required"
        ),
        // More than 16 parameters, or more than one result, go through memory.
        ("(import \"g\" (func $g (result (tuple u8 u8)))) (core func (canon lower (func $g)))", "`memory` is required"),
        (
            "(import \"g\" (func $g (param \"x\" (tuple (list u8 17)))))" + " (core func (canon lower (func $g)))",
            "`memory` is required"
        ),
        // Resources.
        ("(import \"r\" (type $r (sub resource))) (core func (canon resource.new $r))", "is not a local resource"),
        ("(import \"r\" (type $r (sub resource))) (core func (canon resource.rep $r))", "is not a local resource"),
        ("(type $u u8) (core func (canon resource.drop $u))", "is not a resource type"),
        ("(type (resource (rep i32) (dtor (core func 99))))", "unknown function 99"),
        (
            "(type (resource (rep i32) (dtor (core func $pair))))",
            "wrong signature for a destructor: core function 3 has type (func (param i32 i32))"
        ),
        // Built-ins.
        (
            "(type $r (resource (rep i32))) (core func (canon task.return (result (borrow $r))))",
            "function result cannot contain a `borrow` type"
        ),
        ("(core func (canon task.return (result string)))", "`memory` is required"),
        (
            "(core func (canon task.return (memory $memory) (realloc (core func $realloc))))",
            "`realloc` cannot be specified for this built-in"
        ),
        ("(core func (canon task.return async))", "`async` cannot be specified for this built-in"),
        (
            "(core func (canon task.return (post-return (core func $none))))",
            "`post-return` cannot be specified for this built-in"
        ),
        (
            "(core func (canon task.return (callback (core func $callback))))",
            "`callback` cannot be specified for this built-in"
        ),
        ("(core func (canon context.get f32 0))", "`context.get` only supports `i32` and `i64`"),
        ("(core func (canon context.set i32 2))", "`context.set` immediate must be less than 2: 2"),
        ("(core func (canon waitable-set.wait (memory 99)))", "unknown memory 99"),
        ("(core func (canon stream.new $future))", "`stream.new` requires a stream type"),
        ("(core func (canon future.read $stream (memory $memory)))", "`future.read` requires a future type"),
        ("(core func (canon stream.read $stream))", "`memory` is required"),
        ("(core func (canon stream.read $strings (memory $memory)))", "`realloc` is required"),
        ("(core func (canon stream.drop-readable 99))", "unknown type 99"),
        ("(core func (canon error-context.new))", "`memory` is required"),
        ("(core func (canon error-context.new (memory $memory) async))", "`async` cannot be specified"),
        ("(core func (canon error-context.debug-message (memory $memory)))", "`realloc` is required"),
        ("(core func (canon thread.new-indirect 99 (core table $table)))", "unknown type 99"),
        ("(core func (canon thread.new-indirect $start (core table 99)))", "unknown table 99"),
        (
            "(core func (canon thread.new-indirect $start (core table $externs)))",
            "`thread.new-indirect` expects a table of `funcref`, not of `externref`"
        ),
        (
            "(core type $two (func (param i32 i32))) (core func (canon thread.new-indirect $two (core table $table)))",
            "start function of `thread.new-indirect` must take a single `i32` argument and return nothing"
        ),
        (
            "(core type $t (module)) (core func (canon thread.new-indirect $t (core table $table)))", "is a module type"
        ),
        // Types of values.
        ("(type $r (resource (rep i32))) (type (func (result (borrow $r))))", "cannot contain a `borrow` type"),
        (
            "(type $r (resource (rep i32))) (type $o (option (borrow $r))) (type (func (result $o)))",
            "function result cannot contain a `borrow` type"
        ),
        (
            "(type $r (resource (rep i32))) (type $b (borrow $r)) (type (stream $b))",
            "stream type cannot contain a `borrow` type"
        ),
        (
            "(type $r (resource (rep i32))) (type $b (borrow $r)) (type (future $b))",
            "future type cannot contain a `borrow` type"
        ),
        ("(type (stream char))", "`stream<char>` is not valid at this time"),
        ("(type $c char) (type (stream $c))", "`stream<char>` is not valid at this time"),
        ("(type (map f32 u8))", "invalid map key type"), ("(type (map (list u8) u8))", "invalid map key type"),
    ])
    func rulesAreChecked(fields: String, message: String) throws {
        try Refusal("\(Self.prelude) \(fields)", message).check()
    }

    @Test func functionsOfAnotherKindAreRefused() throws {
        // A module that is invalid itself: its function has a structure's type.
        try Refusal(
            file: Refusal.file(
                section: 1,
                Refusal.modulePreamble + [0x01, 0x03, 0x01, 0x5f, 0x00, 0x03, 0x02, 0x01, 0x00]
                    + [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00])
                + [0x02, 0x04, 0x01, 0x00, 0x00, 0x00, 0x06, 0x07, 0x01, 0x00, 0x00, 0x01, 0x00, 0x01, 0x66]
                + [0x07, 0x05, 0x01, 0x40, 0x00, 0x01, 0x00, 0x08, 0x06, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00],
            "core function 0 has no function type", at: 59, .invalid
        ).check()
    }

    @Test(arguments: [0x08, 0x09] as [UInt8])
    func collectedMemoryIsNotSupported(option: UInt8) throws {
        let operand: [UInt8] = option == 0x08 ? [0x00] : []
        let canon = [0x01, 0x01, 0x00, 0x00, 0x01, option] + operand
        try Refusal(
            file: Refusal.file(section: 7, [0x01, 0x40, 0x00, 0x01, 0x00])
                + [0x0a, 0x06, 0x01, 0x00, 0x01, 0x66, 0x01, 0x00, 0x08] + leb128(canon.count) + canon,
            "`gc` and `core-type` (gated feature)", at: 26, .unsupported
        ).check()
    }

    @Test(arguments: [
        "(func (param \"x\" u32) (canon lift (core func $short)))", "(func (canon lift (core func $none)))",
        "(func (param \"x\" string) (canon lift (core func $pair) (memory $memory) (realloc (core func $realloc))))",
        "(func (result string) (canon lift (core func $number) (memory $memory) (post-return (core func $short))))",
        "(func async (canon lift (core func $number) async (callback (core func $callback))))",
        "(func async (canon lift (core func $none) async))",
        "(core func (canon lower (func $f)))", "(core func (canon lower (func $a) async))",
        "(core func (canon lower (func $f) (memory $memory) (realloc (core func $realloc)) string-encoding=utf16))",
        "(core func (canon lower (func $f) (memory $wide)))",
        "(import \"g\" (func $g (param \"x\" (list u8 16)))) (core func (canon lower (func $g)))",
        "(type $r (resource (rep i32) (dtor (core func $short)))) (core func (canon resource.new $r))"
            + " (core func (canon resource.rep $r)) (core func (canon resource.drop $r))",
        "(core func (canon task.return (result u8)))", "(core func (canon task.return))",
        "(core func (canon context.get i32 1))", "(core func (canon context.set i64 0))",
        "(core func (canon stream.new $stream))", "(core func (canon stream.read $nothing))",
        "(core func (canon stream.read $strings (memory $memory) (realloc (core func $realloc)) async))",
        "(core func (canon stream.write $strings (memory $memory)))",
        "(core func (canon future.drop-writable $future))", "(core func (canon future.cancel-read $future async))",
        "(core func (canon error-context.new (memory $memory)))",
        "(core func (canon thread.new-indirect $start (core table $table)))",
        "(core func (canon waitable-set.wait (memory $memory)))", "(core func (canon subtask.drop))",
        "(type (map string (list u8)))", "(type (stream))", "(type (future (option string)))",
    ])
    func whatIsAllowedIsAccepted(fields: String) throws {
        try expectValid("\(Self.prelude) \(fields)")
    }
}

/// The guest of ``TaskTarget``: an interpreter of calls.
enum TaskFuzzText {
    static var component: String {
        """
        (component
          (import "fuzz:host/api" (instance $api (export "later" (func async (param "v" u32) (result u32)))))
          (alias export $api "later" (func $api-later))
          \(Self.part("Inner", Self.transfers + Self.waitables + Self.others, imports: ""))
          (instance $inner (instantiate $Inner (with "later" (func $api-later))))
          \(Self.part(
              "Outer", Self.transfers + Self.waitables + Self.others + Self.calls,
              imports: """
                  (import "other" (instance $other
                    (export "run" (func async (param "calls" (list u8)) (result u32)))
                    (export "give" (func async (param "s" (stream u8)) (param "f" (future string)) (result u32)))
                    (export "take" (func (param "s" (stream u8)) (result (tuple (stream u8) u32))))))
                  """))
          (instance $outer (instantiate $Outer (with "later" (func $api-later)) (with "other" (instance $inner))))
          (export "run" (func $outer "run")))
        """
    }

    /// A component whose `run` interprets its bytes. Handles that it got are kept in 16 places, in turn.
    private static func part(_ name: String, _ functions: [Function], imports: String) -> String {
        let definitions = functions.enumerated().map { "(core func $f\($0.offset) \($0.element.definition))" }
        let coreImports = functions.enumerated().map { index, function in
            let result =
                switch function.result {
                case .none: ""
                case .pair: "(result i64)"
                case .number, .handle, .status: "(result i32)"
                }
            let parameters = function.parameters.map { _ in "i32" }.joined(separator: " ")
            return "(import \"\" \"f\(index)\" (func $f\(index) (param \(parameters)) \(result)))"
        }
        let exports = functions.indices.map { "(export \"f\($0)\" (func $f\($0)))" }
        let branches = functions.enumerated().map { index, function in
            let arguments = function.parameters.map {
                switch $0 {
                case .handle(let kind): "(call $handle (local.get $h) (i32.const \(kind.rawValue)))"
                case .other(let kind): "(call $handle (local.get $a) (i32.const \(kind.rawValue)))"
                case .third: "(call $number (local.get $a))"
                case .fourth: "(local.get $b)"
                }
            }.joined(separator: " ")
            // Without a handle of its kind a call would only end the guest.
            let conditions = function.parameters.map {
                switch $0 {
                case .handle(let kind):
                    "(if (i32.eqz (call $handle (local.get $h) (i32.const \(kind.rawValue)))) (then (return)))"
                case .other, .third, .fourth: ""
                }
            }.joined()
            let call = "(call $f\(index) \(arguments))"
            let body =
                switch function.result {
                case .none: call
                case .number: "(drop \(call))"
                case .handle(let kind): "(call $keep \(call) (i32.const \(kind.rawValue)))"
                case .status:
                    "(call $keep (i32.shr_u \(call) (i32.const 4)) (i32.const \(Kind.subtask.rawValue)))"
                case .pair(let reader, let writer):
                    """
                    (local.set $w \(call)) (call $keep (i32.wrap_i64 (local.get $w)) (i32.const \(reader.rawValue)))
                    (call $keep (i32.wrap_i64 (i64.shr_u (local.get $w) (i64.const 32)))
                      (i32.const \(writer.rawValue)))
                    """
                }
            return "(if (i32.eq (local.get $o) (i32.const \(index))) (then \(conditions) \(body) (return)))"
        }
        return """
            (component $\(name)
              (import "later" (func $later async (param "v" u32) (result u32)))
              \(imports)
              (core module $Libc
                (memory (export "memory") 2)
                (table (export "table") 4 funcref)
                (global $end (mut i32) (i32.const 65536))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                  (global.set $end (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
                  (if (i32.gt_u (i32.add (global.get $end) (local.get 3)) (i32.const 131072))
                    (then (global.set $end (i32.const 65536))))
                  (global.get $end)
                  (global.set $end (i32.add (global.get $end) (local.get 3)))))
              (core instance $libc (instantiate $Libc))
              (alias core export $libc "memory" (core memory $memory))
              (alias core export $libc "table" (core table $table))
              (alias core export $libc "realloc" (core func $realloc))
              (core type $start (func (param i32)))
              (type $stream-bytes (stream u8))
              (type $stream-text (stream string))
              (type $future-bytes (future u8))
              (type $future-text (future string))
              \(definitions.joined(separator: "\n"))
              (core func $give-back (canon task.return (result u32)))
              (core module $M
                (import "" "memory" (memory 2))
                (import "" "table" (table 4 funcref))
                (import "" "give-back" (func $give-back (param i32)))
                \(coreImports.joined(separator: "\n"))
                (elem (i32.const 0) $thread $thread)
                (global $place (mut i32) (i32.const 0))
                (global $next (mut i32) (i32.const 0))
                (global $last (mut i32) (i32.const 0))
                ;; A pointer that is aligned, but for a few.
                (func $number (param $byte i32) (result i32)
                  (if (i32.ge_u (local.get $byte) (i32.const 250)) (then (return (local.get $byte))))
                  (i32.and (local.get $byte) (i32.const 0xfc)))
                (func $keep (param $handle i32) (param $kind i32)
                  (i32.store
                    (i32.add (i32.shl (local.get $kind) (i32.const 5)) (i32.shl (global.get $place) (i32.const 2)))
                    (local.get $handle))
                  (global.set $place (i32.and (i32.add (global.get $place) (i32.const 1)) (i32.const 7)))
                  (i32.store (i32.add (i32.const 1024) (i32.shl (local.get $kind) (i32.const 2))) (local.get $handle)))
                ;; The last one of its kind, an earlier one, one of any kind, or any number.
                (func $handle (param $byte i32) (param $kind i32) (result i32)
                  (if (i32.lt_u (local.get $byte) (i32.const 160)) (then
                    (return (i32.load (i32.add (i32.const 1024) (i32.shl (local.get $kind) (i32.const 2)))))))
                  (if (i32.lt_u (local.get $byte) (i32.const 224)) (then
                    (return (i32.load (i32.add (i32.shl (local.get $kind) (i32.const 5))
                      (i32.shl (i32.and (local.get $byte) (i32.const 7)) (i32.const 2)))))))
                  (if (i32.lt_u (local.get $byte) (i32.const 240)) (then
                    (return (i32.load (i32.add (i32.const 1024)
                      (i32.shl (i32.rem_u (local.get $byte) (i32.const \(Kind.allCases.count))) (i32.const 2)))))))
                  (i32.and (local.get $byte) (i32.const 15)))
                ;; The next call; false when there is none.
                (func $step (result i32) (local $at i32)
                  (local.set $at (global.get $next))
                  (if (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (global.get $last))
                    (then (return (i32.const 0))))
                  (global.set $next (i32.add (local.get $at) (i32.const 4)))
                  (call $do
                    (i32.rem_u (i32.load8_u (local.get $at)) (i32.const \(functions.count + 1)))
                    (i32.load8_u offset=1 (local.get $at)) (i32.load8_u offset=2 (local.get $at))
                    (i32.load8_u offset=3 (local.get $at)))
                  (i32.const 1))
                (func $do (param $o i32) (param $h i32) (param $a i32) (param $b i32) (local $w i64)
                  \(branches.joined(separator: "\n")))
                (func $begin (param $pointer i32) (param $length i32)
                  (if (i32.ge_u (global.get $next) (global.get $last)) (then
                    (global.set $next (local.get $pointer))
                    (global.set $last (i32.add (local.get $pointer) (local.get $length))))))
                ;; Up to the next call of nothing, which is what the callback returns.
                (func $go (result i32) (local $at i32)
                  (loop $again
                    (local.set $at (global.get $next))
                    (if (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (global.get $last)) (then
                      (call $give-back (i32.const 0)) (return (i32.const 0))))
                    (if (i32.eq (i32.rem_u (i32.load8_u (local.get $at)) (i32.const \(functions.count + 1)))
                        (i32.const \(functions.count))) (then
                      (global.set $next (i32.add (local.get $at) (i32.const 4)))
                      (return (i32.or (i32.and (i32.load8_u offset=2 (local.get $at)) (i32.const 3))
                        (i32.shl (call $handle (i32.load8_u offset=1 (local.get $at)) (i32.const \(Kind.set.rawValue)))
                          (i32.const 4))))))
                    (br_if $again (call $step)))
                  (i32.const 0))
                (func (export "run") (param $pointer i32) (param $length i32) (result i32)
                  (call $begin (local.get $pointer) (local.get $length))
                  (call $go))
                (func (export "give") (param $s i32) (param $f i32) (result i32)
                  (call $keep (local.get $s) (i32.const \(Kind.streamBytesReader.rawValue)))
                  (call $keep (local.get $f) (i32.const \(Kind.futureTextReader.rawValue)))
                  (call $go))
                (func (export "take") (param $s i32) (result i32)
                  (call $keep (local.get $s) (i32.const \(Kind.streamBytesReader.rawValue)))
                  (drop (call $step)) (drop (call $step))
                  (i32.store (i32.const 2048) (call $handle (i32.const 0) (i32.const \(Kind.streamBytesReader.rawValue))))
                  (i32.const 2048))
                (func (export "callback") (param i32 i32 i32) (result i32) (call $go))
                (func $thread (param i32) (drop (call $step)) (drop (call $step))))
              (core instance $m (instantiate $M (with "" (instance
                (export "memory" (memory $memory)) (export "table" (table $table))
                (export "give-back" (func $give-back))
                \(exports.joined(separator: " "))))))
              (func (export "run") async (param "calls" (list u8)) (result u32)
                (canon lift (core func $m "run") async (callback (core func $m "callback"))
                  (memory $memory) (realloc $realloc)))
              (func (export "give") async (param "s" (stream u8)) (param "f" (future string)) (result u32)
                (canon lift (core func $m "give") async (callback (core func $m "callback"))
                  (memory $memory) (realloc $realloc)))
              (func (export "take") (param "s" (stream u8)) (result (tuple (stream u8) u32))
                (canon lift (core func $m "take") (memory $memory) (realloc $realloc))))
            """
    }
}

import Testing
import WasmEngine
import Wast

/// Compositions whose calls need more of the engine than one module may have.
@Suite struct AdapterLimitTests {
    private func failures(_ text: String, isMerged: Bool) throws -> [String] {
        let report = ScriptRunner.run(
            SourceFile(name: "test.wast", bytes: Array(text.utf8)), engine: try Shared.engine.get(), merges: isMerged)
        return report.entries.compactMap { entry in
            guard case .failed(_, let got) = entry.verdict else { return nil }
            return got
        }
    }

    /// A component with a memory that takes text and gives its length, plus a number of its own where it calls on.
    private static let callee = """
        (component $A
          (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
            (func (export "f") (param i32 i32) (result i32) (local.get 1)))
          (core instance $i (instantiate $m))
          (func (export "f") (param "s" string) (result u32)
            (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))

        """

    /// One component that calls as many others as are asked for: a module has at most 100 memories.
    @Test(arguments: [99, 100, 250], [false, true])
    func callsManyComponents(count: Int, isMerged: Bool) throws {
        let all = 0..<count
        let text = """
            (component
              \(Self.callee)
              \(all.map { "(instance $a\($0) (instantiate $A))" }.joined(separator: "\n"))
              (component $B
                \(all.map { "(import \"f\($0)\" (func $f\($0) (param \"s\" string) (result u32)))" }
                    .joined(separator: "\n"))
                (core module $libc (memory (export "memory") 1))
                (core instance $libc (instantiate $libc))
                \(all.map { "(core func $l\($0) (canon lower (func $f\($0)) (memory (core memory $libc \"memory\"))))" }
                    .joined(separator: "\n"))
                (core module $m
                  \(all.map { "(import \"\" \"f\($0)\" (func $f\($0) (param i32 i32) (result i32)))" }
                    .joined(separator: "\n"))
                  (func (export "run") (result i32) (i32.const 0)
                    \(all.map { "(call $f\($0) (i32.const 0) (i32.const \($0))) i32.add" }.joined(separator: "\n"))))
                (core instance $i (instantiate $m (with "" (instance
                  \(all.map { "(export \"f\($0)\" (func $l\($0)))" }.joined(separator: "\n"))))))
                (func (export "run") (result u32) (canon lift (core func $i "run"))))
              (instance $b (instantiate $B
                \(all.map { "(with \"f\($0)\" (func $a\($0) \"f\"))" }.joined(separator: "\n"))))
              (export "run" (func $b "run")))
            (assert_return (invoke "run") (u32.const \(count * (count - 1) / 2)))
            """
        #expect(try self.failures(text, isMerged: isMerged) == [])
    }

    /// Values that take more code than the engine compiles in one function are refused in words of the component.
    @Test func refusesTypesThatTakeTooMuchCode() throws {
        func tuple(_ type: String) -> String { "(tuple \(Array(repeating: type, count: 300).joined(separator: " ")))" }
        let text = """
            (component
              (type $a \(tuple("string")))
              (type $b \(tuple("$a")))
              (component $A
                (alias outer 1 $b (type $b))
                (core module $m
                  (memory (export "memory") 1)
                  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                  (func (export "f") (param i32)))
                (core instance $i (instantiate $m))
                (func (export "f") (param "big" $b)
                  (canon lift (core func $i "f")
                    (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
              (component $B
                (alias outer 1 $b (type $b))
                (import "f" (func $f (param "big" $b)))
                (core module $libc (memory (export "memory") 1))
                (core instance $libc (instantiate $libc))
                (core func $l (canon lower (func $f) (memory (core memory $libc "memory"))))
                (core module $m (import "" "f" (func (param i32))))
                (core instance $i (instantiate $m (with "" (instance (export "f" (func $l)))))))
              (instance $a (instantiate $A))
              (instance $b (instantiate $B (with "f" (func $a "f")))))
            """
        let failures = try self.failures(text, isMerged: false)
        #expect(failures.count == 1)
        #expect(failures.first?.contains("func(big)") == true)
        #expect(failures.first?.contains("split its types") == true)
    }
}

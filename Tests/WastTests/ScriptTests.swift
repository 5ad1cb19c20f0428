import Foundation
import Testing
import WasmEngine
import Wast

/// One engine for all scripts.
enum Shared {
    static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        return try Engine(configuration)
    }
}

func report(_ text: String, name: String = "test.wast") throws -> ScriptReport {
    ScriptRunner.run(SourceFile(name: name, bytes: Array(text.utf8)), engine: try Shared.engine.get())
}

/// The scripts of this folder, and what the runner makes of wrong ones.
@Suite struct ScriptTests {
    static let scripts: [String] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scripts")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".wast") }.sorted().map { folder.appendingPathComponent($0).path }
    }()

    @Test func findsScripts() {
        #expect(Self.scripts.count >= 4)
    }

    @Test(arguments: Self.scripts, [false, true])
    func passes(script: String, isMerged: Bool) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: script))
        let report = ScriptRunner.run(
            SourceFile(name: script, bytes: [UInt8](bytes)), engine: try Shared.engine.get(), merges: isMerged)
        #expect(report.passed > 0)
        for entry in report.entries {
            if case .passed = entry.verdict { continue }
            Issue.record("\(script):\(entry.line): \(entry.verdict)")
        }
    }

    private static let component = """
        (component
          (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
          (core instance $i (instantiate $m))
          (func (export "f") (param "v" u8) (result u8) (canon lift (core func $i "f"))))

        """

    /// Assertions that do not hold, with the line that must be named and a part of what came.
    @Test(arguments: [
        ("(assert_return (invoke \"f\" (u8.const 1)) (u8.const 2))", "u8 1"),
        ("(assert_return (invoke \"f\" (u8.const 1)) (u16.const 1))", "u8 1"),
        ("(assert_return (invoke \"f\" (u8.const 1)))", "u8 1"),
        ("(assert_return (invoke \"f\" (u16.const 1)) (u8.const 1))", "parameter \"v\""),
        ("(assert_return (invoke \"f\") (u8.const 1))", "1 arguments, not 0"),
        ("(assert_return (invoke \"g\") (u8.const 1))", "no function \"g\""),
        ("(assert_return (invoke $other \"f\") (u8.const 1))", "no instance other"),
        ("(assert_trap (invoke \"f\" (u8.const 1)) \"unreachable\")", "success"),
        ("(assert_trap (invoke \"g\") \"unreachable\")", "no function \"g\""),
        ("(assert_invalid (component) \"invalid\")", "success"),
        ("(assert_malformed (component) \"malformed\")", "success"),
        ("(assert_unlinkable (component) \"unlinkable\")", "success"),
        ("(component (import \"a\" (func)) (import \"a\" (func)))", "refused"),
        ("(component instance $i $nowhere)", "no definition"),
    ])
    func saysWhatFailed(command: String, got part: String) throws {
        let report = try report(Self.component + command)
        #expect(report.passed == 1)
        #expect(report.failed == 1)
        let entry = try #require(report.entries.last)
        #expect(entry.line == 5)
        guard case .failed(_, let got) = entry.verdict else {
            Issue.record("\(entry.verdict)")
            return
        }
        #expect(got.contains(part))
    }

    private static let trapping = """
        (component
          (core module $m
            (memory (export "memory") 1)
            (func (export "stops") (unreachable))
            (func (export "bounds") (result i32)
              (i32.store (i32.const 0) (i32.const 65535)) (i32.store (i32.const 4) (i32.const 2)) (i32.const 0)))
          (core instance $i (instantiate $m))
          (func (export "stops") (canon lift (core func $i "stops")))
          (func (export "bounds") (result string) (canon lift (core func $i "bounds")
            (memory (core memory $i "memory")))))

        """

    /// A trap must be the one that the script means, in its words or other ones.
    @Test(arguments: [
        ("stops", "unreachable", true), ("stops", "wasm `unreachable` instruction executed", true),
        ("stops", "", true), ("stops", "uncaught exception", false), ("stops", "out of bounds", false),
        ("stops", "some words", false), ("bounds", "string pointer/length out of bounds of memory", true),
        ("bounds", "realloc return: beyond end of memory", true), ("bounds", "unreachable", false),
        ("bounds", "unaligned pointer", false),
    ])
    func comparesTraps(function: String, words: String, isSame: Bool) throws {
        let report = try report(Self.trapping + "(assert_trap (invoke \"\(function)\") \"\(words)\")")
        #expect((report.passed, report.failed) == (isSame ? 2 : 1, isSame ? 0 : 1))
    }

    /// What depends on a line that failed is skipped: it would only repeat the failure, or take an older instance.
    @Test func skipsWhatDependsOnAFailure() throws {
        let report = try report(
            Self.component + "(component (import \"f\" (func $f)) (export \"a\" (func 7)))\n(invoke \"f\" (u8.const 1))"
        )
        #expect((report.passed, report.failed, report.skipped) == (1, 1, 1))
        #expect(report.entries.last?.verdict == .skipped("line 5 failed"))
    }

    @Test(arguments: [
        ("(module", "not closed", 1), ("\n\n)", "without an opening one", 3), ("(module)\n(nonsense)", "'nonsense'", 2),
        ("(module) \"a", "string is not closed", 1), ("(; a", "comment is not closed", 1),
        ("(module)\natom", "in parentheses", 2), ("(assert_return)", "not complete", 1),
        ("(invoke \"\\u{d800}\")", "scalar value", 1), ("(invoke \"\\q\")", "escape", 1),
    ])
    func refusesWhatIsNoScript(text: String, message: String, line: Int) throws {
        let report = try report(text)
        #expect(report.failed == 1)
        let entry = try #require(report.entries.first)
        #expect(entry.line == line)
        guard case .failed(_, let got) = entry.verdict else {
            Issue.record("\(entry.verdict)")
            return
        }
        #expect(got.contains(message))
    }

    @Test func deepListsCostNoStack() throws {
        let report = try report(String(repeating: "(", count: 1_000_000))
        #expect(report.failed == 1)
    }

    // MARK: Known differences

    @Test func knownDifferencesAreSkippedWithTheirReason() throws {
        let known = try KnownDifferences("# why\n\na/test.wast:1 Swirl is better\n")
        let failing = try report("(assert_invalid (module) \"\")", name: "suite/a/test.wast")
        #expect(failing.failed == 1)
        let entries = known.apply(to: failing).entries
        #expect(entries.map(\.verdict) == [.skipped("known difference: Swirl is better")])
        let elsewhere = try report("(assert_invalid (module) \"\")", name: "suite/ba/test.wast")
        #expect(known.apply(to: elsewhere).failed == 1)
    }

    @Test func aKnownDifferenceThatPassesFails() throws {
        let known = try KnownDifferences("test.wast:1 not so\n")
        #expect(known.apply(to: try report("(module)")).failed == 1)
    }

    @Test func refusesAListOfAnotherForm() {
        #expect(throws: TextError.self) { try KnownDifferences("test.wast without a line\n") }
    }
}

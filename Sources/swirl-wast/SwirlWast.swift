import ArgumentParser
import Foundation
import WasmEngine
import Wast

/// `swirl-wast`: runs WebAssembly test scripts on Swirl's runtime.
struct SwirlWast: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swirl-wast",
        abstract: "Run WebAssembly test scripts (.wast) on Swirl's own runtime.",
        discussion: """
            A script defines core modules and components, calls them, and says what must come of it. Upstream ones run \
            unchanged: those of the Component Model's repository (test/) and of Wasmtime (tests/misc_testsuite/).

              swirl-wast a.wast                 run a script
              swirl-wast tests/                 run all scripts below a folder
              swirl-wast --messages a.wast      also show what was refused, beside what the script expects to read
              swirl-wast --list-skipped a.wast  also show what was not run, and why

            Each failure is one line: where it stands, what was expected, what came. Each file ends with its totals; \
            the last line has those of all files. The exit status is 1 when something failed, 2 when a file cannot be \
            read.

            An assertion that something is invalid passes when Swirl refuses it, in whatever words. One that something \
            traps passes when the words are the script's, or mean the same.
            """)

    @Argument(help: "Scripts, or folders of them.")
    var files: [String]

    @Flag(help: "Merge the core modules of each component, as for an application.")
    var merged = false

    @Flag(help: "Show why each skipped command was skipped.")
    var listSkipped = false

    @Flag(help: "Show each refusal and trap that passed: the script's message, then Swirl's.")
    var messages = false

    @Flag(help: "Show failures and the last line only.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "A file of commands that are known to fail: 'path:line reason' in each line. They count as skipped.",
            valueName: "file"))
    var known: String?

    func run() throws {
        // Older scripts of Wasmtime name exports in a form that its assembler takes only when asked to.
        setenv("WAST_STRICT_COMPONENT_INDICES", "0", 0)
        var configuration = EngineConfiguration()
        // Scripts make few instances; a pool's address space would be reserved for nothing.
        configuration.pooling = nil
        // Some scripts have memories beyond 4 GiB, of which they touch little.
        configuration.maxInstanceMemory = 16 << 30
        configuration.parallelCompilation = false
        let engine: Engine
        do {
            engine = try Engine(configuration)
        } catch {
            print("swirl-wast: \(error)")
            throw ExitCode(2)
        }
        let scripts = try self.files.flatMap { try Scripts.find($0) }
        let known = try self.knownDifferences()
        var totals = Totals()
        for script in scripts {
            let source = SourceFile(name: script, bytes: try Scripts.read(script))
            let report = known.apply(to: ScriptRunner.run(source, engine: engine, merges: self.merged))
            self.show(report)
            totals.add(report)
        }
        print("\(totals.passed) passed, \(totals.failed) failed, \(totals.skipped) skipped")
        if totals.failed > 0 { throw ExitCode(1) }
    }

    private func knownDifferences() throws -> KnownDifferences {
        guard let known = self.known else { return KnownDifferences() }
        let source = SourceFile(name: known, bytes: try Scripts.read(known))
        do throws(TextError) {
            return try KnownDifferences(String(decoding: source.bytes, as: UTF8.self))
        } catch {
            print("swirl-wast: \(known):\(source.line(of: error.offset)): \(error)")
            throw ExitCode(2)
        }
    }

    private func show(_ report: ScriptReport) {
        for entry in report.entries {
            let place = "\(report.name):\(entry.line)"
            switch entry.verdict {
            case .failed(let expected, let got): print("\(place): failed: expected \(expected); got \(got)")
            case .skipped(let reason): if self.listSkipped { print("\(place): skipped: \(reason)") }
            case .passed(let expected?, let got?):
                if self.messages { print("\(place): \"\(expected)\"\n    \(got)") }
            case .passed: break
            }
        }
        if !self.quiet {
            print("\(report.name): \(report.passed) passed, \(report.failed) failed, \(report.skipped) skipped")
        }
    }

    private struct Totals {
        var passed = 0
        var failed = 0
        var skipped = 0

        mutating func add(_ report: ScriptReport) {
            self.passed += report.passed
            self.failed += report.failed
            self.skipped += report.skipped
        }
    }
}

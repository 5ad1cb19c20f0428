import AppLoader
import Commands
import Foundation
import TestSupport
import Testing

/// `swirl run` with programs in text: arguments, streams, directories, limits, exit codes.
@Suite struct RunCommandTests {
    // MARK: Core modules

    @Test(arguments: ["wasi_snapshot_preview1", "wasi_unstable"])
    func aCoreModulePrints(module: String) async throws {
        let run = try await ProgramRun(
            "(drop (call $print (i32.const 64) (i32.const 3)))", data: "hi\n", module: module)
        #expect(run.output == "hi\n")
        #expect(run.exitCode == 0)
        #expect(run.message == "")
    }

    /// Whatever follows the file is the program's, also what looks like an option of ours.
    @Test func argumentsAndEnvironmentAreTheProgramsOwn() async throws {
        let printAll = """
            (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
            (drop (call $args_get (i32.const 1024) (i32.const 2048)))
            (drop (call $print (i32.const 2048) (i32.load (i32.const 4))))
            (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
            (drop (call $environ_get (i32.const 1024) (i32.const 2048)))
            (drop (call $print (i32.const 2048) (i32.load (i32.const 4))))
            """
        let run = try await ProgramRun(
            printAll, options: ["--env", "A=1", "-e", "B="], arguments: ["-e", "C=3", "--help", "--", "--dir", "x"])
        #expect(run.output == "program.wat\0-e\0C=3\0--help\0--\0--dir\0x\0A=1\0B=\0")
        let bare = try await ProgramRun(printAll, environment: ["SECRET": "1"])
        #expect(bare.output == "program.wat\0")
    }

    @Test func standardInputIsAStream() async throws {
        let copy = """
            (block $end (loop $next
              (i32.store (i32.const 0) (i32.const 4096))
              (i32.store (i32.const 4) (i32.const 4096))
              (br_if $end (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
              (br_if $end (i32.eqz (i32.load (i32.const 8))))
              (drop (call $print (i32.const 4096) (i32.load (i32.const 8))))
              (br $next)))
            """
        let text = String(repeating: "0123456789abcdef", count: 20_000)
        #expect(try await ProgramRun(copy, input: text).output == text)
        #expect(try await ProgramRun(copy, input: "").output == "")
    }

    @Test(arguments: [(0, 0), (3, 3), (255, 255)] as [(Int, Int32)])
    func theExitCodeIsTheProgramsOwn(code: Int, expected: Int32) async throws {
        let run = try await ProgramRun("(call $proc_exit (i32.const \(code)))")
        #expect(run.exitCode == expected)
        #expect(run.message == "")
    }

    @Test func aTrapIs134() async throws {
        let run = try await ProgramRun("unreachable")
        #expect(run.exitCode == 134)
        #expect(run.message.hasPrefix("Error: the program trapped: wasm trap: `unreachable` instruction executed\n"))
        let fault = try await ProgramRun("(drop (call $args_get (i32.const -4) (i32.const 0)))")
        #expect(fault.exitCode == 134)
        #expect(fault.message.contains("is outside the guest's memory of 65536 bytes, in a call of args_get"))
    }

    @Test func timeAndMemoryAreLimited() async throws {
        let endless = try await ProgramRun("(loop $l (br $l))", options: ["--timeout", "100ms"])
        #expect(endless.exitCode == 134)
        #expect(endless.message == "Error: the program was stopped: the guest ran longer than the limit of 100 ms\n")
        let waiting = try await ProgramRun(
            """
            (i32.store (i32.const 80) (i32.const 1))
            (i64.store (i32.const 88) (i64.const 1000000000000))
            (drop (call $poll_oneoff (i32.const 64) (i32.const 256) (i32.const 1) (i32.const 0)))
            """, options: ["--timeout", "100ms"])
        #expect(waiting.exitCode == 134)
        let growing = "(if (i32.eq (memory.grow (i32.const 9)) (i32.const -1)) (then (call $proc_exit (i32.const 7))))"
        #expect(try await ProgramRun(growing, options: ["--max-memory", "131072"]).exitCode == 7)
        #expect(try await ProgramRun(growing).exitCode == 0)
    }

    /// Opens `made` for writing in descriptor 3, writes the data, exits with the errno.
    private static let writeFile = """
        (call $exit_unless_zero (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
          (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 32)))
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 4))
        (call $exit_unless_zero
          (call $fd_write (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 8)))
        """

    @Test(
        arguments: [
            ([], 8), (["--dir", "data"], 0), (["--dir", "data::/x"], 0), (["--dir", "data::/x::rw"], 0),
            (["--dir", "data::/x::ro"], 69), (["--dir", "data::::ro"], 69),
        ] as [([String], Int32)])
    func directoriesAreGivenByName(options: [String], exitCode: Int32) async throws {
        let directory = try TemporaryFolder()
        try directory.write("data/there", "x")
        let run = try await ProgramRun(Self.writeFile, data: "made", options: options, directory: directory)
        #expect(run.exitCode == exitCode)
        #expect(directory.read("data/made") == (exitCode == 0 ? "made" : nil))
    }

    // MARK: What cannot be run

    @Test func theReasonIsTold() async throws {
        let directory = try TemporaryFolder()
        try directory.write("library.wat", "(module (func (export \"f\")))")
        try directory.write("stranger.wat", "(module (import \"env\" \"f\" (func)) (func (export \"_start\")))")
        try directory.write(
            "old.wat", "(module (import \"wasi_snapshot_preview1\" \"fd_fly\" (func)) (func (export \"_start\")))")
        try directory.write(
            "wrong.wat",
            "(module (import \"wasi_snapshot_preview1\" \"fd_close\" (func)) (func (export \"_start\")))")
        try directory.write("component.wat", "(component)")
        try directory.write(
            "typed.wat",
            """
            (component
              (core module $m (func (export "run") (param i32) (result i32) (i32.const 0)))
              (core instance $m (instantiate $m))
              (func $run (param "x" u32) (result (result)) (canon lift (core func $m "run")))
              (instance $run (export "run" (func $run)))
              (export "wasi:cli/run@0.2.0" (instance $run)))
            """)
        try directory.write("text.wasm", "hello")
        for (file, message) in [
            (
                "library.wat",
                "is a core module, but no command: it does not export a function _start without parameters and results\n  hint: a module of an earlier SDK handles HTTP requests: `swirl up -f "
            ),
            ("stranger.wat", "it imports \"f\" from \"env\", which nobody provides"),
            ("old.wat", "it imports \"fd_fly\", which wasi_snapshot_preview1 does not have"),
            ("wrong.wat", "fd_close"),
            ("component.wat", "is a component, but no command: it does not export wasi:cli/run; it exports "),
            ("typed.wat", "has the type (u32) -> result, not () -> result"),
            ("text.wasm", "it is not WebAssembly"), ("missing.wasm", "there is no file `missing.wasm`"),
            (".", "`.` is a directory, not a program"),
        ] {
            let run = await CommandRun.swirl("run", "--disable-cache", file, in: directory.path)
            #expect(run.exitCode == 1, "\(file)")
            #expect(run.error.hasPrefix("Error: ") && run.error.contains(message), "\(file): \(run.error)")
        }
        let run = await CommandRun.swirl("run", "--disable-cache", "--dir", "none", "hello.wat", in: directory.path)
        #expect(run.exitCode == 1)
    }

    @Test func helpTeaches() async {
        let run = await CommandRun.swirl("run", "--help")
        #expect(run.exitCode == 0)
        for text in ["swirl run [<options>] <file> [<arguments> ...]", "134", "--dir", "--max-memory", "EXAMPLES:"] {
            #expect(run.output.contains(text), "\(text)")
        }
    }

    // MARK: Components

    @Test(arguments: [("(i32.const 0)", 0), ("(i32.const 1)", 1), ("(call $exit (i32.const 42)) (i32.const 0)", 42)])
    func aComponentEnds(body: String, exitCode: Int32) async throws {
        let run = try await ProgramRun(
            component: """
                (component
                  (import "wasi:cli/exit@0.2.6" (instance $exit
                    (export "exit-with-code" (func (param "status-code" u8)))))
                  (core func $exit (canon lower (func $exit "exit-with-code")))
                  (core module $m
                    (import "h" "exit" (func $exit (param i32)))
                    (func (export "run") (result i32) \(body)))
                  (core instance $i (instantiate $m (with "h" (instance (export "exit" (func $exit))))))
                  (func $run (result (result)) (canon lift (core func $i "run")))
                  (instance $out (export "run" (func $run)))
                  (export "wasi:cli/run@0.2.6" (instance $out)))
                """)
        #expect(run.exitCode == exitCode, "\(run.message)")
    }

    /// A component of each snapshot prints by the functions of its time.
    @Test(arguments: ["0.2.0-rc-2023-10-18", "0.2.0-rc-2023-11-10", "0.2.0", "0.2.12"])
    func aComponentOfAnyVersionPrints(version: String) async throws {
        let isOctober = version.hasSuffix("10-18")
        let error =
            isOctober
            ? "(export \"error\" (type $error (sub resource)))"
            : "(alias outer 1 $e (type $e0)) (export \"error\" (type $error (eq $e0)))"
        let run = try await ProgramRun(
            component: """
                (component
                  (import "\(isOctober ? "wasi:random/random" : "wasi:io/error")@\(version)" (instance $other
                    \(isOctober ? "" : "(export \"error\" (type (sub resource)))")))
                  \(isOctober ? "" : "(alias export $other \"error\" (type $e))")
                  (import "wasi:io/streams@\(version)" (instance $streams
                    \(error)
                    (export "output-stream" (type $out (sub resource)))
                    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
                    (export "stream-error" (type $stream-error (eq $failure)))
                    (export "[method]output-stream.blocking-write-and-flush" (func
                      (param "self" (borrow $out)) (param "contents" (list u8))
                      (result (result (error $stream-error)))))))
                  (alias export $streams "output-stream" (type $out))
                  (import "wasi:cli/stdout@\(version)" (instance $stdout
                    (alias outer 1 $out (type $o))
                    (export "output-stream" (type $out (eq $o)))
                    (export "get-stdout" (func (result (own $out))))))
                  (core module $memory (memory (export "memory") 1) (data (i32.const 64) "hello\\n"))
                  (core instance $mem (instantiate $memory))
                  (core func $get (canon lower (func $stdout "get-stdout")))
                  (core func $write (canon lower
                    (func $streams "[method]output-stream.blocking-write-and-flush")
                    (memory (core memory $mem "memory"))))
                  (core module $main
                    (import "h" "get" (func $get (result i32)))
                    (import "h" "write" (func $write (param i32 i32 i32 i32)))
                    (import "h" "memory" (memory 1))
                    (func (export "run") (result i32)
                      (call $write (call $get) (i32.const 64) (i32.const 6) (i32.const 128))
                      (i32.load8_u (i32.const 128))))
                  (core instance $i (instantiate $main (with "h" (instance
                    (export "get" (func $get)) (export "write" (func $write))
                    (export "memory" (memory $mem "memory"))))))
                  (func $run (result (result)) (canon lift (core func $i "run")))
                  (instance $result (export "run" (func $run)))
                  (export "wasi:cli/run@\(version)" (instance $result)))
                """)
        #expect(run.output == "hello\n", "\(run.message)")
        #expect(run.exitCode == 0)
    }
}

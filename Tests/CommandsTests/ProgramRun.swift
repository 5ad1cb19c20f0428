import AppLoader
import Commands
import Foundation
import TestSupport

/// One program, run by `swirl run` in this process.
struct ProgramRun {
    let output: String
    /// What `swirl` itself said.
    let message: String
    let exitCode: Int32

    /// Runs a core module whose `_start` has this body; `$print` takes an address and a length.
    init(
        _ body: String, data: String = "", module: String = "wasi_snapshot_preview1", options: [String] = [],
        arguments: [String] = [], input: String = "", environment: [String: String] = [:],
        directory: TemporaryFolder? = nil
    ) async throws {
        func imported(_ name: String, _ parameters: String) -> String {
            "(import \"\(module)\" \"\(name)\" (func $\(name) (param \(parameters)) (result i32)))"
        }
        try await self.init(
            text: """
                (module
                  \(imported("fd_write", "i32 i32 i32 i32")) \(imported("fd_read", "i32 i32 i32 i32"))
                  \(imported("args_sizes_get", "i32 i32")) \(imported("args_get", "i32 i32"))
                  \(imported("environ_sizes_get", "i32 i32")) \(imported("environ_get", "i32 i32"))
                  \(imported("poll_oneoff", "i32 i32 i32 i32"))
                  \(imported("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"))
                  (import "\(module)" "proc_exit" (func $proc_exit (param i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 64) "\(data.replacingOccurrences(of: "\n", with: "\\n"))")
                  (func $print (param i32 i32) (result i32)
                    (i32.store (i32.const 16) (local.get 0))
                    (i32.store (i32.const 20) (local.get 1))
                    (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
                  (func $exit_unless_zero (param i32)
                    (if (local.get 0) (then (call $proc_exit (local.get 0)))))
                  (func (export "_start") \(body)))
                """, options: options, arguments: arguments, input: input, environment: environment,
            directory: directory)
    }

    init(component text: String, options: [String] = [], input: String = "") async throws {
        try await self.init(
            text: text, options: options, arguments: [], input: input, environment: [:], directory: nil)
    }

    private init(
        text: String, options: [String], arguments: [String], input: String, environment: [String: String],
        directory: TemporaryFolder?
    ) async throws {
        let directory = try directory ?? TemporaryFolder()
        try directory.write("program.wat", text)
        try directory.write("input", input)
        try directory.write("output")
        let inputFile = try FileHandle(forReadingFrom: URL(fileURLWithPath: Paths.join(directory.path, "input")))
        let outputFile = try FileHandle(forWritingTo: URL(fileURLWithPath: Paths.join(directory.path, "output")))
        defer {
            try? inputFile.close()
            try? outputFile.close()
        }
        var streams = StandardDescriptors()
        streams.input = inputFile.fileDescriptor
        streams.output = outputFile.fileDescriptor
        let run = await CommandRun.run(
            ["run", "--disable-cache"] + options + ["program.wat"] + arguments, in: directory.path,
            environment: environment, standardStreams: streams)
        self.output = directory.read("output") ?? ""
        self.message = run.error
        self.exitCode = run.exitCode
    }
}

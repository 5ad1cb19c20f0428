import AppLoader
import Commands
import Foundation
import TestSupport
import Testing

/// A program in C, built here by clang with wasi-libc (Debian: `wasi-libc`, `libclang-rt-19-dev-wasm32`).
@Suite(.enabled(if: CGuest.isBuildable, "clang, wasi-libc and compiler-rt for wasm32 are not all installed"))
struct CGuestTests {
    @Test func filesAsPOSIXProgramsUseThem() async throws {
        let directory = try TemporaryFolder()
        try directory.write("outside", "secret")
        try FileManager.default.createDirectory(
            atPath: Paths.join(directory.path, "box"), withIntermediateDirectories: false)
        let program = try CGuest.build("files.c", in: directory)
        let run = try await CGuest.run([program, "/box"], mount: "box::/box", in: directory)
        #expect(run.exitCode == 0, "\(run.error)")
        #expect(run.output.hasPrefix("chdir\nmkdir\nfopen\n") && run.output.hasSuffix("unlink\nrmdir\n"))
        let readOnly = try await CGuest.run([program, "/box"], mount: "box::/box::ro", in: directory)
        #expect(readOnly.exitCode == 1)
        #expect(readOnly.output == "chdir\n")
        #expect(readOnly.error == "mkdir: Read-only file system\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: Paths.join(directory.path, "box")).isEmpty)
    }
}

/// Builds and runs programs in C.
private enum CGuest {
    private static let library = "/usr/lib/wasm32-wasi"

    private static var builtins: String? {
        ["19", "18", "17", "16", "15", "14"].lazy
            .flatMap { version in
                ["/usr/lib/llvm-\(version)/lib/clang/\(version)", "/usr/lib/llvm-\(version)/lib/clang/\(version).0.6"]
            }
            .map { "\($0)/lib/wasi/libclang_rt.builtins-wasm32.a" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    static var isBuildable: Bool {
        self.builtins != nil && FileManager.default.fileExists(atPath: "\(self.library)/crt1-command.o")
            && (try? self.spawn(["clang", "--version"])) == 0
    }

    /// - Returns: the program's file.
    static func build(_ source: String, in directory: TemporaryFolder) throws -> String {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let output = Paths.join(directory.path, "program.wasm")
        let status = try self.spawn([
            "clang", "--target=wasm32-wasi", "-O1", "-isystem", "/usr/include/wasm32-wasi", "-nostdlib",
            "\(self.library)/crt1-command.o", sources.appendingPathComponent("Guests/c/\(source)").path,
            "-L\(self.library)", "-lc", try #require(self.builtins), "-o", output,
        ])
        try #require(status == 0)
        return output
    }

    private static func spawn(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    static func run(
        _ arguments: [String], mount: String, in directory: TemporaryFolder
    ) async throws -> CommandRun {
        try directory.write("output")
        try directory.write("error")
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: Paths.join(directory.path, "output")))
        let error = try FileHandle(forWritingTo: URL(fileURLWithPath: Paths.join(directory.path, "error")))
        defer {
            try? output.close()
            try? error.close()
        }
        var streams = StandardDescriptors()
        streams.output = output.fileDescriptor
        streams.error = error.fileDescriptor
        var run = await CommandRun.run(
            ["run", "--disable-cache", "--dir", mount] + arguments, in: directory.path, standardStreams: streams)
        run.output = directory.read("output") ?? ""
        run.error += directory.read("error") ?? ""
        return run
    }
}

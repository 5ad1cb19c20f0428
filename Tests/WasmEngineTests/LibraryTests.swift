import CWasmtime
import TestSupport
import Testing
import WasmEngine

@Suite struct LibraryTests {
    private func error(opening path: String) throws -> LibraryError {
        do {
            _ = try WasmtimeLibrary.open(path: path)
        } catch {
            return error
        }
        throw UnexpectedSuccess()
    }

    private func header(machine: UInt8) -> [UInt8] {
        [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9) + [3, 0, machine, 0]
            + [UInt8](repeating: 0, count: 44)
    }

    /// Each is one line that says what is wrong and what to do.
    private func expectRemedy(_ error: LibraryError) {
        #expect(!error.description.contains("\n"))
        #expect(error.description.contains("`make setup`"))
        #expect(error.description.contains("SWIRL_WASMTIME_LIBRARY"))
        #expect(error.description.contains("50.0.1"))
    }

    @Test func missingFileIsNamed() throws {
        let error = try self.error(opening: "/nowhere/libwasmtime.so")
        #expect(error.kind == .notFound)
        #expect(error.description.contains("/nowhere/libwasmtime.so"))
        self.expectRemedy(error)
    }

    #if os(Linux)
    @Test func libraryOfAnotherProcessorIsNamed() throws {
        let folder = try TemporaryFolder()
        let other: UInt8 = LibraryFile.hostMachine == 183 ? 62 : 183
        try folder.write("libwasmtime.so", self.header(machine: other))
        let error = try self.error(opening: "\(folder.path)/libwasmtime.so")
        #expect(error.kind == .wrongProcessor)
        #expect(error.description.contains("arm64") && error.description.contains("x86-64"))
        self.expectRemedy(error)
    }

    @Test func brokenLibraryIsNamed() throws {
        let folder = try TemporaryFolder()
        try folder.write("libwasmtime.so", self.header(machine: UInt8(truncatingIfNeeded: LibraryFile.hostMachine)))
        let error = try self.error(opening: "\(folder.path)/libwasmtime.so")
        #expect(error.kind == .notALibrary)
        self.expectRemedy(error)
    }

    @Test func otherLibraryLacksFunctions() throws {
        let path = try #require(
            ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/usr/lib64/libm.so.6"]
                .first { Platform.fileExists($0) })
        let error = try self.error(opening: path)
        #expect(error.kind == .missingSymbols)
        #expect(error.description.contains("wasm_engine_new_with_config, "))
        self.expectRemedy(error)
    }
    #endif

    @Test func textIsNoLibrary() throws {
        let folder = try TemporaryFolder()
        try folder.write("libwasmtime.so", Array("not found\n".utf8))
        let error = try self.error(opening: "\(folder.path)/libwasmtime.so")
        #expect(error.kind == .notALibrary)
        self.expectRemedy(error)
    }

    @Test func wrongVersionSaysBoth() {
        let error = LibraryError.wrongVersion(path: "/x/libwasmtime.so", found: "49")
        #expect(error.description.hasPrefix("/x/libwasmtime.so is Wasmtime 49, but version 50 is needed"))
        self.expectRemedy(error)
    }

    @Test func versionIsReadFromCompiledCode() throws {
        let engine = try Shared.engine.get()
        var artifact = try module("(module)", engine: engine).serialize()
        let section = try #require(ArtifactMetadata.section(of: artifact))
        #expect(ArtifactMetadata.version(in: section) == "50")
        artifact[section.startIndex + 3] = UInt8(ascii: "9")
        #expect(ArtifactMetadata.version(in: try #require(ArtifactMetadata.section(of: artifact))) == "59")
    }

    @Test func hostileCompiledCodeHasNoVersion() throws {
        let artifact = try module("(module)", engine: try Shared.engine.get()).serialize()
        for length in stride(from: 0, to: min(artifact.count, 4096), by: 7) {
            _ = ArtifactMetadata.section(of: Array(artifact.prefix(length)))
        }
        for index in 0..<64 {
            var changed = artifact
            changed[index] = 0xFF
            _ = ArtifactMetadata.section(of: changed)
        }
        #expect(ArtifactMetadata.version(in: [0, 200, 53]) == nil)
        #expect(ArtifactMetadata.version(in: [1, 1, 53]) == nil)
        #expect(ArtifactMetadata.version(in: []) == nil)
    }
}

import ComponentModel
import Executor
import Foundation
import TestSupport
import Testing
import WasmEngine

/// Files that are no components, by what the user is told of them.
@Suite struct ComponentFileTests {
    private static func message(_ path: String) throws -> String {
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        let loader = ComponentLoader(
            engine: try Engine(configuration), cache: nil, registry: HostRegistry([]))
        let error = try #require(#expect(throws: ComponentLoadError.self) { try loader.load(path, name: "c") })
        return error.description
    }

    @Test func namesWhatIsWrong() throws {
        let folder = try TemporaryFolder(["empty.wasm": "", "text.wasm": "hello"])
        #expect(try Self.message(folder.file("empty.wasm")).hasSuffix("empty.wasm): the file is empty"))
        #expect(try Self.message(folder.file("text.wasm")).contains("it is not WebAssembly"))
        #expect(try Self.message(folder.path).hasSuffix("): it is not a file"))
        #expect(try Self.message(folder.file("none.wasm")).hasSuffix("none.wasm): No such file or directory"))
    }

    /// Its size alone must not be what memory is asked for.
    @Test func refusesHugeFiles() throws {
        let folder = try TemporaryFolder(["huge.wasm": ""])
        let file = try FileHandle(forWritingTo: folder.url.appending(path: "huge.wasm"))
        try file.truncate(atOffset: 1 << 40)
        try file.close()
        #expect(try Self.message(folder.file("huge.wasm")).hasSuffix("huge.wasm): it is larger than 1 GiB"))
    }
}

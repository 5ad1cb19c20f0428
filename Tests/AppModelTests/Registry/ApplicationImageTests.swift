import AppLoader
import AppModel
import Foundation
import RegistryTestSupport
import TestSupport
import Testing

/// Applications of a real registry, as `spin registry push` writes them.
@Suite(.enabled(if: RegistryServer.isInstalled)) struct ApplicationImageTests {
    private typealias Part = ImagePusher.Part
    private static let application = "application/vnd.fermyon.spin.application.v1+config"
    private static let imageConfig = Part("application/vnd.oci.image.config.v1+json", "{\"os\":\"Wasip1\"}")
    private static let wasm = Part("application/vnd.wasm.content.layer.v1+wasm", "wasm")
    private static let data = Part("application/vnd.wasm.content.layer.v1+data", "some data")

    private static func description(source: String, files: String = "", id: String = "hello") -> String {
        """
        {"spin_lock_version":0,"metadata":{"name":"app","trigger":{"type":"http"}},
        "triggers":[{"id":"t","trigger_type":"http","trigger_config":{"component":"\(id)","route":"/..."}}],
        "components":[{"id":"\(id)","source":{"content_type":"application/wasm",\(source)},"files":[\(files)]}]}
        """
    }

    private static let files = """
        {"digest":"\(Self.data.digest)","path":"a/data.txt"},{"inline":"aGkK","digest":"sha256:0","path":"small.txt"}
        """

    private static func load(
        _ run: RegistryRun, _ server: RegistryServer, _ tag: String, of repository: String = "me/app"
    ) async throws -> LockedApp {
        try await run.load(.registry(try ImageReference("\(server.name)/\(repository):\(tag)")), plainHTTP: true)
    }

    @Test func loadsApplications() async throws {
        let server = try RegistryServer()
        defer { server.end() }
        let pusher = ImagePusher(registry: server.name)
        let description = Part(
            Self.application, Self.description(source: "\"digest\":\"\(Self.wasm.digest)\"", files: Self.files))
        try await pusher.push(
            config: Self.imageConfig, layers: [Self.wasm, Self.data, description], "me/app", tag: "1")
        // As older versions of Spin write it.
        try await pusher.push(config: description, layers: [Self.wasm, Self.data], "me/app", tag: "old")
        // Made by GNU tar from `./a/data.txt` and a name of 150 letters.
        try await pusher.push(
            config: Self.imageConfig,
            layers: [
                Self.wasm, Part("application/vnd.wasm.content.bundle.v1.tar+gzip", try Self.archive()), description,
            ],
            "me/app", tag: "archive")
        for tag in ["1", "old", "archive"] {
            let run = try RegistryRun(plainHTTP: [])
            let app = try await Self.load(run, server, tag)
            #expect(app.name == "app")
            #expect(app.metadata.origin == "vnd.fermyon.origin-oci:\(server.name)/me/app:\(tag)")
            let component = try #require(app.components.first)
            #expect(try run.app.read(#require(component.source.path)) == "wasm")
            let directory = try #require(component.files.first?.directory)
            #expect(run.app.files(below: directory) == ["a/data.txt", "small.txt"])
            #expect(run.app.read("\(directory)/a/data.txt") == "some data")
            #expect(run.app.read("\(directory)/small.txt") == "hi\n")
        }

        // Without a network, what was there before.
        let run = try RegistryRun(plainHTTP: [])
        _ = try await Self.load(run, server, "1")
        server.end()
        #expect(try await Self.load(run, server, "1").name == "app")
        #expect(run.warnings.last?.hasSuffix("\(server.name)/me/app:1 is used as it was last downloaded") == true)
        await #expect(throws: FetchError.self) { try await Self.load(run, server, "old") }
        // Another repository, however alike its name is.
        for other in ["me_app", "me-app", "me_2fapp"] {
            await #expect(throws: FetchError.self) { try await Self.load(run, server, "1", of: other) }
        }
    }

    @Test func loadsComponents() async throws {
        let server = try RegistryServer()
        defer { server.end() }
        try await ImagePusher(registry: server.name).pushComponent(Array("wasm".utf8), "me/app", tag: "1")
        let run = try RegistryRun(plainHTTP: [])
        let app = try await Self.load(run, server, "1")
        #expect(app.components.map(\.id) == ["app"])
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "wasm")
    }

    @Test func refusesHostileApplications() async throws {
        let server = try RegistryServer()
        defer { server.end() }
        let pusher = ImagePusher(registry: server.name)
        let digest = "\"digest\":\"\(Self.wasm.digest)\""
        let cases: [(String, String)] = [
            (Self.description(source: "\"source\":\"file:///etc/passwd\""), "names a file of the machine"),
            (
                Self.description(source: digest, files: "{\"source\":\"file:///etc\",\"path\":\"/\"}"),
                "names a file of the machine"
            ),
            (
                Self.description(source: digest, files: "{\"inline\":\"aGkK\",\"path\":\"../../x\"}"),
                "`../../x` is no file name"
            ),
            (Self.description(source: digest, id: "../../x"), "`../../x` is no id of a component"),
            (
                Self.description(source: "\"digest\":\"sha256:\(String(repeating: "0", count: 64))\""),
                "nor in the cache"
            ),
            ("{}", "not a locked application"), ("[", "not a locked application"),
        ]
        for (index, (description, message)) in cases.enumerated() {
            try await pusher.push(
                config: Self.imageConfig, layers: [Self.wasm, Part(Self.application, description)], "me/app",
                tag: "\(index)")
            let run = try RegistryRun(plainHTTP: [])
            let error = await #expect(throws: (any Error).self) { try await Self.load(run, server, "\(index)") }
            #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(error.map { "\($0)" } ?? "")")
        }
        for (index, archive) in [Array("nonsense".utf8), Array(try Self.archive().dropLast(30)), []].enumerated() {
            let part = Part("application/vnd.wasm.content.bundle.v1.tar+gzip", archive)
            try await pusher.push(
                config: Self.imageConfig, layers: [Self.wasm, part, Part(Self.application, "{}")], "me/app",
                tag: "archive\(index)")
            let run = try RegistryRun(plainHTTP: [])
            let error = await #expect(throws: FetchError.self) { try await Self.load(run, server, "archive\(index)") }
            #expect(error?.description.contains("is not understood: it ") == true, "\(error?.description ?? "")")
        }
    }

    /// A gzipped tar with two files, one with a name of 150 letters.
    private static func archive() throws -> [UInt8] {
        let folder = try TemporaryFolder(["a/data.txt": "some data", String(repeating: "n", count: 150): "long"])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/tar")
        process.arguments = ["-C", folder.path, "-cz", "."]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return Array(pipe.fileHandleForReading.readDataToEndOfFile())
    }
}

import Foundation
import Testing

/// The examples, as a reader would try them: built by `swirl build` with the tools of their README, and served.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test prepares the Python tools"))
struct ExampleTests {
    @Test func helloPython() async throws {
        try await self.serve("hello-python", tools: "spin-sdk3") { server throws in
            #expect(try server.get("/?name=Ada").text.contains("Ada"))
            #expect(try server.send("POST", "/echo", body: Data("some text".utf8)).text == "some text")
        }
    }

    @Test func plainPython() async throws {
        try await self.serve("plain-python", tools: "componentize-py") { server throws in
            #expect(try server.get("/").status == 200)
            #expect(try server.send("POST", "/count", body: Data("12345".utf8)).text == "5 bytes\n")
        }
    }

    private func serve(_ name: String, tools: String, _ body: @escaping @Sendable (SwirlServer) throws -> Void)
        async throws
    {
        let app = try TestApp()
        let example = Places.repository.appending(path: "examples/\(name)")
        for entry in try FileManager.default.contentsOfDirectory(atPath: example.path) where entry != "app.wasm" {
            try FileManager.default.copyItem(
                at: example.appending(path: entry), to: app.directory.appending(path: entry))
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let built = try Command.run(
            ["build"], in: app.directory, environment: ["PATH": "\(Places.pythonTools(tools).path):\(path)"])
        #expect(built.status == 0, "\(built.errors)")
        try await SwirlServer.serve(app) { server throws in try body(server) }
    }
}

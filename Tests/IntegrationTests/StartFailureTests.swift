import Foundation
import Testing

/// Applications that cannot start: `swirl up` ends with 1 and says what is wrong and where.
@Suite struct StartFailureTests {
    /// Runs `swirl up` on an application that must not start.
    private func failure(
        of app: TestApp, arguments: [String] = [], environment: [String: String?] = [:]
    ) async throws -> Command.Result {
        try await blocking {
            try Command.run(
                ["up", "--listen", "127.0.0.1:0"] + arguments, in: app.directory, environment: environment)
        }
    }

    private static func manifest(_ source: String) -> String {
        """
        spin_manifest_version = 2
        [application]
        name = "test"
        [[trigger.http]]
        route = "/..."
        component = "a"
        [component.a]
        source = "\(source)"
        """
    }

    @Test(arguments: [
        ("not TOML", "spin_manifest_version = = 2\n", "spin.toml:1"),
        ("no version", "[application]\nname = \"test\"\n", "spin_manifest_version"),
        (
            "unknown component",
            """
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.http]]
            route = "/..."
            component = "nobody"
            [component.a]
            source = "a.wasm"
            """, "nobody"
        ),
        ("no such file", Self.manifest("missing.wasm"), "missing.wasm"),
    ])
    func refusesManifest(_ name: String, _ manifest: String, _ expected: String) async throws {
        let result = try await self.failure(of: try TestApp(["spin.toml": manifest]))
        #expect(result.status == 1)
        #expect(result.errors.contains(expected), "\(result.errors)")
        #expect(result.output.isEmpty, "nothing is served")
    }

    @Test func refusesDirectoryWithoutManifest() async throws {
        let result = try await self.failure(of: try TestApp(["notes.txt": "nothing here"]))
        #expect(result.status == 1)
        #expect(result.errors.contains("spin.toml"), "\(result.errors)")
    }

    @Test(arguments: [
        ("empty", Data(), "empty"),
        ("text", Data("this is no component".utf8), "not WebAssembly"),
        ("only a preamble's beginning", Data([0x00, 0x61, 0x73, 0x6D]), "component \"a\""),
        ("a section that is cut short", Data([0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0, 1, 200, 1, 0]), "component \"a\""),
        ("a core module", Data([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]), "core WebAssembly module"),
        ("a component without exports", Data([0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0]), "wasi:http/incoming-handler"),
    ])
    func refusesComponentFile(_ name: String, _ bytes: Data, _ expected: String) async throws {
        let app = try TestApp(["spin.toml": Self.manifest("a.wasm")])
        try app.write(bytes, to: "a.wasm")
        let result = try await self.failure(of: app)
        #expect(result.status == 1)
        #expect(result.errors.contains(expected), "\(result.errors)")
        #expect(!result.errors.contains("Fatal error"))
    }

    /// What libwasmtime's assembler panics on, which ends its process, and what it refuses.
    @Test(arguments: [
        ("(component (core type (module (import \"a\" \"b\" (global (ref $s))))))", "hint: look for a name"),
        ("(component (core modul))", "expected valid component field"),
    ])
    func refusesText(_ text: String, _ expected: String) async throws {
        let app = try TestApp(["spin.toml": Self.manifest("a.wat"), "a.wat": text])
        let result = try await self.failure(of: app)
        #expect(result.status == 1)
        let isTold = result.errors.split(separator: "\n").contains {
            $0.hasPrefix("Error: spin.toml:7:1: component \"a\" (")
        }
        #expect(isTold, "\(result.errors)")
        #expect(result.errors.contains(expected), "\(result.errors)")
        #expect(!result.errors.contains("stack backtrace"), "\(result.errors)")
    }

    /// A component of one core module, whose function ends without the number that it should return.
    private static let badModule: [UInt8] =
        [0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0] + [1, 25] + [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]
        + [1, 5, 1, 0x60, 0, 1, 0x7F] + [3, 2, 1, 0] + [10, 4, 1, 2, 0, 0x0B]

    @Test(arguments: [
        ("nothing instantiates it", Self.badModule),
        ("it is instantiated, and with that compiled", Self.badModule + [2, 4, 1, 0, 0, 0]),
    ])
    func refusesInvalidModule(_ name: String, _ bytes: [UInt8]) async throws {
        let app = try TestApp(["spin.toml": Self.manifest("a.wasm")])
        try app.write(Data(bytes), to: "a.wasm")
        let result = try await self.failure(of: app)
        #expect(result.status == 1)
        // The function's `end`, counted in the component's file.
        let expected = "a.wasm): component is invalid at byte 0x22: core module is not valid: type mismatch"
        #expect(result.errors.contains(expected), "\(result.errors)")
    }

    /// Bytes that no one chose: the same ones in every run, so that a failure can be looked at.
    @Test(arguments: 0..<8) func refusesRandomComponent(_ seed: UInt64) async throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var bytes = Data([0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0])
        for _ in 0..<2000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            bytes.append(UInt8(truncatingIfNeeded: state))
        }
        let app = try TestApp(["spin.toml": Self.manifest("a.wasm")])
        try app.write(bytes, to: "a.wasm")
        let result = try await self.failure(of: app)
        #expect(result.status == 1)
        #expect(result.errors.contains("component \"a\""), "\(result.errors)")
    }

    @Test func refusesImportThatNobodyProvides() async throws {
        let result = try await self.failure(of: try TestApp(guests: ["unknown-import"]))
        #expect(result.status == 1)
        #expect(result.errors.contains("component \"unknown-import\""), "\(result.errors)")
        #expect(result.errors.contains("example:unknown/thing@1.2.3"), "\(result.errors)")
    }

    @Test func refusesComponentTextWithMistake() async throws {
        let app = try TestApp(["spin.toml": Self.manifest("a.wat"), "a.wat": "(component\n  (nonsense))"])
        let result = try await self.failure(of: app)
        #expect(result.status == 1)
        #expect(result.errors.contains("2:"), "line and column are told: \(result.errors)")
    }

    @Test func refusesPortInUse() async throws {
        let app = try TestApp(guests: ["hello"])
        try await SwirlServer.serve(app) { server throws in
            let second = try Command.run(["up", "--listen", "127.0.0.1:\(server.port)"], in: app.directory)
            #expect(second.status == 1)
            #expect(second.errors.lowercased().contains("in use"), "\(second.errors)")
            #expect(second.errors.contains("\(server.port)"), "\(second.errors)")
            #expect(second.errors.contains("hint: --find-free-port"), "\(second.errors)")
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func refusesUnknownOption() async throws {
        let app = try TestApp(guests: ["hello"])
        let result = try await blocking { try Command.run(["up", "--no-such-option"], in: app.directory) }
        #expect(result.status == 2)
        #expect(result.errors.contains("--no-such-option"))
    }

    @Test func refusesMissingLibrary() async throws {
        let result = try await self.failure(
            of: try TestApp(guests: ["hello"]), environment: ["SWIRL_WASMTIME_LIBRARY": "/nowhere/libwasmtime.so"])
        #expect(result.status == 1)
        #expect(result.errors.contains("/nowhere/libwasmtime.so"), "\(result.errors)")
    }
}

import Foundation
import Testing

/// An application of Spin 1: a core module with the names of its SDKs, and a manifest of version 1.
struct SpinOneTests {
    private static let manifest = """
        spin_version = "1"
        name = "legacy"
        version = "1.0.0"
        trigger = { type = "http" }
        [[component]]
        id = "guest"
        source = "\(Places.textGuest("spin-one").path)"
        key_value_stores = ["default"]
        sqlite_databases = ["default"]
        [component.config]
        greeting = "hello"
        [component.trigger]
        route = "/..."
        """

    @Test func modulesOfSpinOne() async throws {
        let app = try TestApp(["spin.toml": Self.manifest])
        try await SwirlServer.serve(app) { server throws in
            // The value of the key, the text of the row, the variable.
            for _ in 0..<3 { #expect(try server.get("/capabilities").text == "def" + "greb" + "hello") }
            #expect(try server.get("/model").status == 500)
            try server.expectLogged("fermyon:spin/llm#infer was called; this version of Swirl does not provide it")
            #expect(try server.get("/echo").status == 200)
        }
    }
}

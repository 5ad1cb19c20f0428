import Foundation
import RedisTestSupport
import Testing

/// The guests of Spin's conformance tests, written again (`conformance/spin/guest`), with and without what they need.
///
/// `scripts/spin-conformance` runs them with upstream's own manifests and requests.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test builds the guests"), .timeLimit(.minutes(3)))
struct SpinConformanceTests {
    /// One component for each test, at its name.
    private static func app(_ settings: [(test: String, route: String, settings: String)]) throws -> TestApp {
        var manifest = "spin_manifest_version = 2\n[application]\nname = \"conformance\"\n"
        for (number, component) in settings.enumerated() {
            manifest += """

                [[trigger.http]]
                route = "\(component.route)"
                component = "c\(number)"
                [component.c\(number)]
                source = "\(Places.builtGuest("python-spin-conformance").path)"
                environment = { SPIN_CONFORMANCE_TEST = "\(component.test)" }
                \(component.settings)

                """
        }
        manifest += """

            [[trigger.http]]
            route = "/echo"
            component = "echo"
            [component.echo]
            source = "\(Places.textGuest("echo").path)"
            """
        return try TestApp(["spin.toml": manifest])
    }

    @Test func capabilities() async throws {
        let app = try Self.app([
            ("key-value", "/key-value", #"key_value_stores = ["default"]"#),
            ("sqlite", "/sqlite", #"sqlite_databases = ["default"]"#),
            ("variables", "/variables", #"variables = { variable = "value" }"#),
            ("request-shape", "/base/:path_segment/:path_end/...", ""),
            ("outbound-wasi-http-v0.2.0", "/outbound-http", #"allowed_outbound_hosts = ["http://localhost:*"]"#),
        ])
        try await SwirlServer.serve(app) { server throws in
            for path in ["/key-value", "/sqlite", "/variables", "/base/path/end/rest?key=value"] {
                let answer = try server.get(path, headers: [("host", "example.com")])
                #expect(answer.status == 200 && answer.text.isEmpty, "\(path): \(answer.text)")
                #expect(answer["content-length"] == "0", "\(path)")
            }
            let url = "http://localhost:\(server.port)/echo"
            let echo = try server.get("/outbound-http", headers: [("url", url)])
            #expect(echo.status == 200 && echo.text == "Hello, world!", "\(echo.text)")
        }
    }

    @Test func denials() async throws {
        let app = try Self.app([
            ("key-value", "/key-value", ""), ("sqlite", "/sqlite", ""), ("outbound-redis", "/redis", ""),
            ("outbound-wasi-http-v0.2.0", "/outbound-http", ""),
            ("tcp-sockets", "/other-address", #"allowed_outbound_hosts = ["*://127.0.0.2:6001"]"#),
            ("tcp-sockets", "/other-port", #"allowed_outbound_hosts = ["*://127.0.0.1:6002"]"#),
        ])
        try await SwirlServer.serve(app) { server throws in
            for (path, header, text) in [
                ("/key-value", "", "Error::AccessDenied"), ("/sqlite", "", "Error::AccessDenied"),
                ("/redis", "redis://localhost:6379", "Error::InvalidAddress"),
                ("/outbound-http", "http://localhost:1234", "incoming-response#get: ErrorCode::HttpRequestDenied"),
                ("/other-address", "127.0.0.1:6001", "access-denied (error 1)"),
                ("/other-port", "127.0.0.1:6001", "access-denied (error 1)"),
            ] {
                let headers = ["redis_address", "url", "address"].map { ($0, header) }
                let answer = try server.get(path, headers: headers)
                #expect(answer.status == 500 && answer.text == text, "\(path): \(answer.text)")
                // The guest declares no length.
                #expect(answer["transfer-encoding"] == "chunked", "\(path)")
            }
        }
    }

    @Test(.enabled(if: RedisServer.isInstalled), arguments: ["redis://127.0.0.1:*", "redis://{{ host }}:*"])
    func redis(host: String) async throws {
        let redis = try RedisServer()
        defer { redis.end() }
        let settings = "allowed_outbound_hosts = [\"\(host)\"]\n[variables]\nhost = { default = \"127.0.0.1\" }"
        try await SwirlServer.serve(try Self.app([("outbound-redis", "/", settings)])) { server throws in
            let answer = try server.get("/", headers: [("redis_address", redis.url)])
            #expect(answer.status == 200 && answer.text.isEmpty, "\(answer.text)")
        }
    }
}

import AppLoader
import AppModel
import Foundation
import NIOCore
import NIOHTTP1
import RegistryTestSupport
import Testing

/// Registries that err, lie, and stop in the middle.
@Suite struct HostileRegistryTests {
    private static let wasm = ImagePusher.Part("application/wasm", "wasm")
    private static let config = ImagePusher.Part("application/vnd.wasm.config.v0+json", "{}")
    private static let imageType = ("content-type", "application/vnd.oci.image.manifest.v1+json")

    private static func manifest(_ layers: [ImagePusher.Part] = [Self.wasm]) -> String {
        (try? ImagePusher.manifest(config: Self.config, layers: layers)).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }

    /// A registry with one package, one of whose answers is another one than it should be.
    private static func server(
        _ change: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer?
    ) async throws -> ScriptedServer {
        try await ScriptedServer { request in
            if let answer = change(request) { return answer }
            switch request.path {
            case "/v2/acme/hello/tags/list": return .init(body: "{\"name\":\"acme/hello\",\"tags\":[\"1.0.0\"]}")
            case "/v2/acme/hello/manifests/1.0.0": return .init(200, [Self.imageType], body: Self.manifest())
            case "/v2/acme/hello/blobs/\(Self.wasm.digest)": return .init(body: "wasm")
            default: return .init(404)
            }
        }
    }

    private static func failure(
        plainHTTP: Bool = true, silence: TimeAmount = .minutes(1),
        _ change: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer?
    ) async throws -> String {
        let server = try await Self.server(change)
        let run = try RegistryRun(plainHTTP: plainHTTP ? [server.name] : [])
        let source = "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }"
        let text = await run.failure(source: source, host: server.name, silence: silence)
        try await server.end()
        #expect(run.app.files(below: run.app.path("cache/content")).isEmpty)
        let place = "spin.toml:11:10: component.hello.source: "
        #expect(text.hasPrefix(place) || text.isEmpty, "\(text)")
        return String(text.dropFirst(place.count))
    }

    @Test func worksWhenNothingIsWrong() async throws {
        let server = try await Self.server { _ in nil }
        let run = try RegistryRun(plainHTTP: [server.name])
        let app = try await run.load(
            source: "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }")
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "wasm")
        try await server.end()
    }

    @Test(arguments: [
        ("tags/list", "nonsense", "HOST answers with something else than the versions of acme/hello"),
        ("tags/list", "{}", "no version of `acme:hello` fits `1.0.0`: HOST/acme/hello has none"),
        ("manifests", "nonsense", "`HOST/acme/hello:1.0.0` has a manifest that is not understood"),
        ("manifests", "{\"mediaType\":\"text/html\"}", "`HOST/acme/hello:1.0.0` is no image"),
        (
            "manifests", "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}",
            "`HOST/acme/hello:1.0.0` is an index of images for several platforms, no WebAssembly"
        ),
        (
            "manifests", HostileRegistryTests.manifest([]),
            "`HOST/acme/hello:1.0.0` is no component: its image has 0 layers"
        ),
        (
            "manifests", HostileRegistryTests.manifest([HostileRegistryTests.wasm, HostileRegistryTests.wasm]),
            "`HOST/acme/hello:1.0.0` is no component: its image has 2 layers"
        ),
        (
            "manifests", HostileRegistryTests.manifest([.init("text/plain\u{1B}[31m", "wasm")]),
            "`HOST/acme/hello:1.0.0` is no component: its layer is of the type `text/plain[31m`, not `application/wasm`"
        ),
        (
            "manifests",
            HostileRegistryTests.manifest([.init("application/vnd.fermyon.spin.application.v1+config", "{}")]),
            "`HOST/acme/hello:1.0.0` is an application, not a component\n  hint: it runs by `swirl up -f HOST/acme/hello:1.0.0`"
        ),
        (
            "manifests", HostileRegistryTests.manifest().replacingOccurrences(of: "\"size\":4", with: "\"size\":-4"),
            "a part of `HOST/acme/hello:1.0.0` has more than 512 MiB"
        ),
        (
            "manifests", HostileRegistryTests.manifest().replacingOccurrences(of: "\"size\":4", with: "\"size\":5"),
            "a part of `HOST/acme/hello:1.0.0` has 4 bytes rather than the 5 of its manifest"
        ),
        (
            "manifests", HostileRegistryTests.manifest().replacingOccurrences(of: "sha256:", with: "sha512:"),
            "`HOST/acme/hello:1.0.0` has a layer whose digest is no `sha256:` one"
        ),
        ("blobs", "WASM", "`HOST/acme/hello:1.0.0` is another file than its manifest says: its digest is sha256:"),
        ("blobs", "more than that", "a part of `HOST/acme/hello:1.0.0` has 14 bytes rather than the 4 of its manifest"),
    ])
    func refusesContent(kind: String, body: String, message: String) async throws {
        let text = try await Self.failure { request in
            request.path.contains("/\(kind)") ? .init(200, [Self.imageType], body: body) : nil
        }
        #expect(text.hasPrefix(message), "\(text)")
    }

    @Test(arguments: [
        ("tags/list", 403, "HOST gives no access to `HOST/acme/hello` without a login: 403 DENIED: no entry"),
        ("tags/list", 404, "there is no `HOST/acme/hello`: 404 DENIED: no entry"),
        ("manifests", 500, "HOST answers 500 DENIED: no entry"),
        ("manifests", 429, "HOST answers 429 DENIED: no entry"),
        ("blobs", 416, "HOST answers 416 DENIED: no entry to a request for `HOST/acme/hello@sha256:"),
        ("blobs", 404, "there is no `HOST/acme/hello@sha256:"),
    ])
    func tellsRefusals(kind: String, status: Int, message: String) async throws {
        let text = try await Self.failure { request in
            guard request.path.contains("/\(kind)") else { return nil }
            return .init(status, body: "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\\u0007 entry\"}]}")
        }
        #expect(text.hasPrefix(message), "\(text)")
    }

    @Test(arguments: ["tags/list", "manifests", "blobs"])
    func tellsWhatEndsOrStops(kind: String) async throws {
        for silent in [false, true] {
            let text = try await Self.failure(silence: silent ? .milliseconds(300) : .minutes(1)) { request in
                guard request.path.contains("/\(kind)") else { return nil }
                var answer = ScriptedServer.Answer(200, [Self.imageType], body: "wa")
                answer.announced = 4
                answer.fallsSilent = silent
                return answer
            }
            #expect(
                text.contains(silent ? "the server has gone silent" : "cannot read `http://HOST/v2/acme/hello"),
                "\(text)")
        }
    }

    @Test func refusesHugeAnswers() async throws {
        let huge = String(repeating: " ", count: 5 << 20)
        for kind in ["tags/list", "manifests"] {
            let text = try await Self.failure { $0.path.contains("/\(kind)") ? .init(200, [], body: huge) : nil }
            #expect(text.hasSuffix("answers with more than 4096 KiB"), "\(text)")
        }
        let endless = try await Self.failure { request in
            guard request.path.contains("/tags/list") else { return nil }
            return .init(200, [("link", "</v2/acme/hello/tags/list?last=x>; rel=\"next\"")], body: "{\"tags\":[]}")
        }
        #expect(endless == "HOST lists more than 100 pages of versions of acme/hello")
    }

    @Test func followsRedirectionsWithoutTheToken() async throws {
        let storage = try await ScriptedServer { _ in .init(body: "wasm") }
        let place = "http://\(storage.name)/blob?signature=x"
        let server = try await Self.server { request in
            guard request.path.hasPrefix("/v2/") else { return nil }
            guard request.headers.first(name: "authorization") != nil else {
                return .init(401, [("www-authenticate", "Basic realm=\"r\"")])
            }
            return request.path.contains("/blobs/") ? .init(307, [("location", place)]) : nil
        }
        let run = try RegistryRun(
            plainHTTP: [],
            "[registry.\"\(server.name)\".oci]\nprotocol = \"http\"\nauth = { username = \"u\", password = \"p\" }")
        let source = "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }"
        let app = try await run.load(source: source)
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "wasm")
        #expect(storage.requests.map(\.target) == ["/blob?signature=x"])
        #expect(storage.requests.allSatisfy { $0.headers.first(name: "authorization") == nil })
        #expect(server.requests.contains { $0.headers.first(name: "authorization") == "Basic dTpw" })
        // The storage's own questions are not answered.
        try await storage.end()
        try await server.end()
    }

    @Test func getsTokens() async throws {
        let port = Port()
        let server = try await Self.server { request in
            if request.path == "/token" {
                guard request.headers.first(name: "authorization") == "Basic dTpw" else { return .init(401) }
                return .init(body: "{\"token\":\"T0KEN\"}")
            }
            guard request.path.hasPrefix("/v2/"), request.headers.first(name: "authorization") != "Bearer T0KEN" else {
                return nil
            }
            let challenge =
                "Bearer realm=\"http://127.0.0.1:\(port.value)/token\",service=\"the registry\",scope=\"repository:acme/hello:pull\""
            return .init(401, [("www-authenticate", challenge)])
        }
        port.value = server.port
        let source = "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }"
        let settings = "[registry.\"\(server.name)\".oci]\nprotocol = \"http\"\n"
        let run = try RegistryRun(plainHTTP: [], settings + "auth = { username = \"u\", password = \"p\" }")
        let app = try await run.load(source: source)
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "wasm")
        // One for all requests.
        #expect(
            server.requests.filter { $0.path == "/token" }.map(\.target) == [
                "/token?service=the%20registry&scope=repository:acme/hello:pull"
            ])

        let wrong = try RegistryRun(plainHTTP: [], settings + "auth = { username = \"u\", password = \"secret\" }")
        let text = await wrong.failure(source: source, host: server.name)
        let file = wrong.app.path(".config/wasm-pkg/config.toml")
        #expect(text.contains("HOST does not accept the credentials in \(file):3: 401\n  hint: log in: "), "\(text)")
        #expect(!text.contains("secret"))
        let none = try RegistryRun(plainHTTP: [server.name])
        #expect(
            await none.failure(source: source, host: server.name).contains("HOST gives no access without a login: 401"))
        try await server.end()
    }

    private final class Port: @unchecked Sendable {
        var value = 0
    }

    @Test func readsWhatTheRegistrySaysOfItself() async throws {
        let images = try await ScriptedServer { request in
            switch request.path {
            case "/v2/pre/acme/hello/tags/list": .init(body: "{\"tags\":[\"1.0.0\"]}")
            case "/v2/pre/acme/hello/manifests/1.0.0": .init(200, [Self.imageType], body: Self.manifest())
            case "/v2/pre/acme/hello/blobs/\(Self.wasm.digest)": .init(body: "wasm")
            default: .init(404)
            }
        }
        let name = images.name
        let server = try await ScriptedServer { request in
            request.path == "/.well-known/wasm-pkg/registry.json"
                ? .init(body: "{\"oci\":{\"registry\":\"\(name)\",\"namespacePrefix\":\"pre/\"}}") : .init(404)
        }
        let run = try RegistryRun(plainHTTP: [server.name])
        let source = "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }"
        let app = try await run.load(source: source)
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "wasm")
        try await images.end()
        try await server.end()

        for (json, message) in [
            ("{\"preferredProtocol\":\"warg\"}", "HOST has its packages by `warg`, not by OCI"),
            ("{\"ociRegistry\":\"a b\"}", "HOST says that its images are at `a b`, which is no host"),
            ("{\"ociNamespacePrefix\":\"../\"}", "`../acme/hello` is no name of a repository"),
        ] {
            let text = try await Self.failure(plainHTTP: false) {
                $0.path.hasPrefix("/.well-known/") ? .init(body: json) : nil
            }
            #expect(text == message)
        }
    }

    @Test func saysHowToDoWithoutTLS() async throws {
        let server = try await Self.server { _ in nil }
        let run = try RegistryRun(plainHTTP: [])
        let source = "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }"
        let text = await run.failure(source: source, host: server.name)
        #expect(text.contains("[registry.\"HOST\".oci]\n    protocol = \"http\""), "\(text)")
        try await server.end()
    }
}

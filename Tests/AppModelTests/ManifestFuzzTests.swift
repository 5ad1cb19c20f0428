import AppModel
import Foundation
import TestSupport
import Testing

/// Whatever a manifest holds, reading it ends in a manifest or in messages.
@Suite struct ManifestFuzzTests {
    private static let seed =
        ManifestTests.minimal + """
            files = ["a/*", { source = "b", destination = "/c" }]
            variables = { url = "https://{{ host }}/", x = "{{" }
            build = { command = ["a", "b"], workdir = "w" }
            environment = { A = 'b', "C D" = \"\"\"e\"\"\" }
            [variables]
            host = { default = "h", secret = true }
            [[trigger.http]]
            route = { private = true }
            executor = { type = "wagi" }
            component = { source = "x.wasm" }
            """

    private static let oldSeed = """
        spin_manifest_version = "1"
        name = "old"
        trigger = { type = "http", base = "/" }
        [variables]
        host = { default = "h" }
        [[component]]
        id = "Some_Thing"
        source = { url = "https://x/y.wasm", digest = "sha256:00" }
        config = { a = "{{ host }}" }
        allowed_http_hosts = ["example.com", "insecure:allow-all"]
        allowed_outbound_hosts = ["redis://{{ host }}:1"]
        files = ["a"]
        [component.trigger]
        route = "/..."
        [component.build]
        command = "make"
        """

    private static let richSeed =
        ManifestTests.minimal + """
            allowed_outbound_hosts = ["https://*.{{ host }}:1..2", "*://10.0.0.0/8:*", "http://[::1]"]
            key_value_stores = ["a"]
            targets = ["x", { url = "y" }]
            dependencies_inherit_configuration = true
            [component.hello.dependencies]
            "a:b/c@1.0.0" = { component = "other", export = "d" }
            plain = { version = ">=1, <2", package = "a:b" }
            [component.hello.profile.debug]
            source = "d.wasm"
            build.command = ["x"]
            [component.other]
            source = { package = "a:b", version = "1.0.0" }
            [[trigger.redis]]
            channel = "{{ host }}"
            components.x = ["hello", { source = "i" }]
            dependencies.any = [{ path = "x" }]
            [variables]
            host = { default = "h" }
            """

    private static let pieces = [
        "{{", "}}", "\"", "'", "[", "]", "[[", "{", "}", "=", ".", "\n", "#", "ä", "\u{0}", "1", "true", ",", "*",
        "://",
        ":", "/", "..", "@", "%", "-", "$", "\\", "null", "99999999999999999999",
    ]

    /// The text with a few mistakes in it.
    private static func mutated(_ text: String, _ generator: inout SplitMix64) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.insert(contentsOf: (Self.pieces.randomElement(using: &generator) ?? "").utf8, at: at)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &generator)))
            default: bytes = Array(bytes[..<at]) + bytes[(at / 2)...]
            }
            if bytes.isEmpty { bytes = [0x20] }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: 0..<8)
    func survivesChangedHostsAndTemplates(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let seeds = [
            "https://*.example.com:8000..9000/", "*://10.0.0.0/8:*", "http://[2001:db8::1%25]:80", "redis://u:p@h:1/x",
            "http://0x7f.0.0.1", "{{ a }}://{{b}}:{{ c }}", "ff00::/8", "A=\"b ${C} \\n\" # d\nexport E='f'",
        ]
        for _ in 0..<400 {
            let text = Self.mutated(seeds.randomElement(using: &generator) ?? "", &generator)
            if let entry = try? AllowedHost(text), case .exactly(let host) = entry.host {
                // The canonical form of a host is that of the same host.
                #expect(OutboundHost(host.description) == host)
            }
            if let host = OutboundHost(text) { #expect(OutboundHost(host.description) == host) }
            if let url = OutboundURL(text, defaultScheme: "http") {
                let hosts = try? AllowedHosts(["*://*:*"], componentIDs: []) { _ in "" }
                #expect(hosts?.allows(url) == true)
            }
            if let template = try? Template(text) {
                #expect(template.isLiteral == template.variables.isEmpty)
            }
            _ = try? DependencyName(text)
            _ = VersionRequirement(text)
            _ = DotEnvFile(text, environment: ["C": "x"])
        }
    }

    @Test(arguments: 0..<4)
    func survivesChangedLocks(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let manifest = """
            {"spin_lock_version":1,"must_understand":["host_requirements"],"metadata":{"name":"x","authors":["a"],
            "trigger":{"type":"http"}},"host_requirements":{"middleware":"required"},"variables":{"v":{"default":"d"}},
            "triggers":[{"id":"t","trigger_type":"http","trigger_config":{"component":"c","route":"/"}}],
            "components":[{"id":"c","metadata":{"build":{"command":["a","b"]},"ai_models":["m"]},"source":
            {"content_type":"application/wasm","inline":"AA"},"files":[{"digest":"sha256:0","path":"/"}],
            "dependencies":{"a:b":{"source":{"content_type":"w","source":"file:///a"},"inherit":{"Some":["files"]}}}}]}
            """
        for _ in 0..<150 {
            let data = Data(Self.mutated(manifest, &generator).utf8)
            guard let app = try? JSONDecoder().decode(LockedApp.self, from: data) else { continue }
            let again = try JSONDecoder().decode(LockedApp.self, from: JSONEncoder().encode(app))
            #expect(again == app)
        }
    }

    @Test(arguments: 0..<12)
    func survivesChangedManifests(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let source = [Self.seed, Self.oldSeed, Self.richSeed][seed % 3]
        for _ in 0..<150 {
            let text = Self.mutated(source, &generator)
            do {
                _ = try Manifest(text: text, file: "m")
            } catch {
                #expect(!error.diagnostics.isEmpty)
            }
            _ = try? BuildPlan(text: text, file: "m")
            _ = try? Manifest(text: text, file: "m", profile: "debug")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func costsNoQuadraticTime() throws {
        var text = "spin_manifest_version = 2\napplication.name = \"x\"\n"
        for number in 0..<3000 {
            text += "[[trigger.http]]\nroute = \"/r\(number)/...\"\ncomponent = \"c\(number)\"\n"
            text += "[[trigger.http]]\nroute = \"/i\(number)\"\ncomponent = { source = \"x\" }\n"
            text += "[component.c\(number)]\nsource = \"x\"\n"
        }
        let manifest = try Manifest(text: text, file: "m")
        #expect(manifest.triggers.count == 6000)
        let router = Router(
            try manifest.triggers.map { try Route(triggerID: $0.id, componentID: $0.componentID, route: $0.route) })
        #expect(router.match("/r2999/x")?.route.componentID == "c2999")
        #expect(router.duplicates.isEmpty)
    }
}

import AppModel
import Testing

/// Whatever a manifest holds, reading it ends in a manifest or in messages.
@Suite struct ManifestFuzzTests {
    /// SplitMix64: the same bytes in each run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var z = self.state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

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

    @Test(arguments: 0..<8)
    func survivesChangedManifests(seed: Int) {
        var generator = Generator(state: UInt64(seed))
        let pieces = [
            "{{", "}}", "\"", "'", "[", "]", "[[", "{", "}", "=", ".", "\n", "#", "ä", "\u{0}", "1", "true", ",",
        ]
        for _ in 0..<150 {
            var bytes = Array(Self.seed.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8, at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &generator)))
                default: bytes = Array(bytes[..<at]) + bytes[(at / 2)...]
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                _ = try Manifest(text: text, file: "m")
            } catch {
                #expect(!error.diagnostics.isEmpty)
            }
            _ = try? BuildPlan(text: text, file: "m")
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

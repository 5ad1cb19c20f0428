import AppModel

/// The manifest: TOML, its fields, and the plan of a build.
enum ManifestTarget: FuzzTarget {
    static let name = "manifest"

    static func run(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(ManifestError) {
            let manifest = try Manifest(text: text, file: "spin.toml")
            for trigger in manifest.triggers where trigger.id.isEmpty { violated("a trigger without a name") }
        } catch {
            if error.diagnostics.isEmpty { violated("an error without a message") }
        }
        _ = try? BuildPlan(text: text, file: "spin.toml")
    }
}

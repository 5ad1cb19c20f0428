package import AppModel
import HTTP
import NIOCore

/// The answer of a trigger without a component, made once.
package struct StaticResponse: Sendable {
    private let head: ResponseHead
    private let body: ByteBuffer

    package init(_ response: LockedStaticResponse) {
        var head = ResponseHead(status: response.status)
        for (name, value) in response.headers.sorted(by: { $0.key < $1.key }) { head.fields.append(name, value) }
        // The length is that of the body, whatever the manifest says.
        head.fields.removeAll("content-length")
        self.head = head
        self.body = ByteBuffer(string: response.body ?? "")
    }

    func answer(_ exchange: Exchange) {
        guard exchange.response.writeHead(self.head) else { return exchange.respond(status: 500) }
        exchange.response.write(self.body)
        exchange.response.finish()
    }
}

/// What `/.well-known/spin/info` says.
package struct ApplicationInfo: Sendable, Hashable {
    package var name = ""
    package var version: String?
    package var imageDigest: String?

    package init() {}

    package init(_ app: LockedApp) {
        self.name = app.metadata.name
        self.version = app.metadata.version.flatMap { $0.isEmpty ? nil : $0 }
        // `vnd.fermyon.origin-oci:registry/name@sha256:…`, where the application came from a registry.
        if let origin = app.metadata.origin, origin.hasPrefix("vnd.fermyon.origin-oci:") {
            self.imageDigest = origin.split(separator: "@").last.map(String.init).flatMap {
                $0.hasPrefix("sha256:") ? $0 : nil
            }
        }
    }

    var json: String {
        var fields = ["\"name\":\(JSONText.quoted(self.name))"]
        if let version { fields.append("\"version\":\(JSONText.quoted(version))") }
        if let imageDigest { fields.append("\"oci_image_digest\":\(JSONText.quoted(imageDigest))") }
        return "{" + fields.joined(separator: ",") + "}"
    }
}

/// Strings in JSON (RFC 8259 7).
enum JSONText {
    static func quoted(_ text: String) -> String { "\"" + self.escaped(text) + "\"" }

    static func escaped(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 < 0x7F }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

import AppModel
import ComponentModel

/// Small texts of manifests and components: routes, templates, names.
enum TextTarget: FuzzTarget {
    static let name = "text"

    static func run(_ bytes: [UInt8]) {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let kind = parts.first, parts.count > 1 else { return }
        let text = parts.dropFirst().joined(separator: "\n")
        switch kind {
        case "route": self.route(text)
        case "template": self.template(text)
        case "name": _ = ExternName(text)
        case "url": if let path = FileURL.path(text) { _ = FileURL.path(FileURL.string(path: path)) }
        default: break
        }
    }

    private static func route(_ text: String) {
        let lines = text.split(separator: "\n").map(String.init)
        guard let path = lines.first else { return }
        let routes = lines.dropFirst().enumerated().compactMap {
            try? Route(triggerID: "t\($0.offset)", componentID: "c", route: $0.element)
        }
        let router = Router(routes)
        if let match = router.match(path) {
            _ = match.pathInfo(in: path)
            _ = match.namedCaptures(in: path)
        }
    }

    private static func template(_ text: String) {
        guard let template = try? Template(text) else { return }
        let resolved = template.resolved { (name: String) -> String in name }
        if resolved.utf8.count > text.utf8.count { violated("a template grew without values") }
    }
}

package import AppModel
package import HTTP
import NIOCore

/// What `swirl up` says once it serves: the address and the routes.
package struct Announcement {
    private let url: String
    private let router: Router
    private let app: LockedApp

    package init(host: String, address: BoundAddress, router: Router, app: LockedApp) {
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        self.url = "http://\(host):\(address.port)"
        self.router = router
        self.app = app
    }

    package var text: String {
        var lines = ["Serving \(self.url)"]
        for duplicate in self.router.duplicates { lines.append("Warning: \(duplicate)") }
        for route in self.router.reservedRoutes {
            lines.append("Warning: route `\(route.raw)` is never reached: the server answers it itself")
        }
        lines.append("Available Routes:")
        for route in self.router.routes {
            let path = route.displayPath == "/" ? "" : route.displayPath
            lines.append("  \(route.componentID): \(self.url)\(path)\(route.isWildcard ? " (wildcard)" : "")")
            if let description = self.app.component(route.componentID)?.metadata.description, !description.isEmpty {
                lines.append("    \(description)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Writes the text to standard output at once, for whoever waits for it.
    func print() {
        StandardStream.output.write(self.text)
    }
}

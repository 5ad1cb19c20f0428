package import AppModel
package import HTTP
import NIOCore

/// What `swirl up` says once it serves: the address and the routes.
package struct Announcement {
    private let url: String
    private let router: Router
    private let app: LockedApp

    package init(address: BoundAddress, isSecure: Bool = false, router: Router, app: LockedApp) {
        self.url = "\(isSecure ? "https" : "http")://\(address)"
        self.router = router
        self.app = app
    }

    package var text: String { self.text(isColoured: false) }

    package func text(isColoured: Bool) -> String {
        let warning = TerminalStyle.warning.applied(to: "Warning:", isColoured: isColoured)
        var lines = ["\(TerminalStyle.step.applied(to: "Serving", isColoured: isColoured)) \(self.url)"]
        for duplicate in self.router.duplicates { lines.append("\(warning) \(duplicate)") }
        for route in self.router.reservedRoutes {
            lines.append("\(warning) route `\(route.raw)` is never reached: the server answers it itself")
        }
        lines.append("Available Routes:")
        if self.router.routes.isEmpty {
            let ids = Set(self.app.httpTriggers.map(\.componentID)).filter { !$0.isEmpty }.sorted()
            lines.append("  none: what is served has private routes only")
            for id in ids { lines.append("    \(id): other components reach it at http://\(id).spin.internal") }
        }
        for route in self.router.routes {
            let path = route.displayPath == "/" ? "" : route.displayPath
            lines.append("  \(Self.id(of: route)): \(self.url)\(path)\(route.isWildcard ? " (wildcard)" : "")")
            if let description = self.app.component(route.componentID)?.metadata.description, !description.isEmpty {
                lines.append("    \(description)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One JSON object in one line, for programs (`spin-parity.md` 2.5).
    package var json: String {
        let routes = self.router.routes.map { route in
            let path = route.displayPath
            var fields = [
                "\"id\":\(JSONText.quoted(Self.id(of: route)))", "\"route\":\(JSONText.quoted(path))",
                "\"wildcard\":\(route.isWildcard)",
            ]
            if let description = self.app.component(route.componentID)?.metadata.description, !description.isEmpty {
                fields.append("\"description\":\(JSONText.quoted(description))")
            }
            return "{" + fields.joined(separator: ",") + "}"
        }
        return "{\"base_url\":\(JSONText.quoted(self.url)),\"routes\":[\(routes.joined(separator: ","))]}\n"
    }

    /// A trigger without a component is known by its own name.
    private static func id(of route: Route) -> String {
        route.componentID.isEmpty ? route.triggerID : route.componentID
    }

    /// Writes the text to standard output at once, for whoever waits for it.
    func print(_ format: HTTPTriggerOptions.ListingFormat, environment: [String: String]) {
        let output = OutputDescriptor.standardOutput
        output.write(format == .json ? self.json : self.text(isColoured: output.isColoured(environment)))
    }
}

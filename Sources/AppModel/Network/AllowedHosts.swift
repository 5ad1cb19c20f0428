/// What a component may connect to. Read once, when the application is loaded; asking costs no allocation for a host
/// that is written plainly.
package struct AllowedHosts: Sendable, Hashable {
    package let entries: [AllowedHost]

    /// Nothing is allowed.
    package static let none = AllowedHosts(entries: [])

    package init(entries: [AllowedHost]) {
        self.entries = entries
    }

    /// Reads the entries of a component.
    ///
    /// - Parameters:
    ///   - entries: `allowed_outbound_hosts` as written, with `{{ variable }}` places.
    ///   - componentIDs: all components of the application: what `*.spin.internal` stands for.
    ///   - value: gives the value of a variable of the application.
    package init(
        _ entries: [String], componentIDs: [String], value: (String) throws -> String
    ) throws {
        self.entries = try entries.flatMap { text in
            try AllowedHostTemplate(text).resolved(value)?.expanded(componentIDs: componentIDs) ?? []
        }
    }

    package var isEmpty: Bool { self.entries.isEmpty }

    /// Whether a connection is allowed.
    ///
    /// - Parameters:
    ///   - scheme: lower-case: `http`, `redis`, `tcp` …
    ///   - host: as in a URL: a name, an IPv4 address, or an IPv6 address in brackets.
    ///   - port: nil for the default port of the scheme.
    package func allows(scheme: String, host: String, port: Int?) -> Bool {
        guard !self.entries.isEmpty, let host = OutboundHost(host) else { return false }
        return self.allows(scheme: scheme, host: host, port: port)
    }

    package func allows(scheme: String, host: OutboundHost, port: Int?) -> Bool {
        let port = port ?? AllowedHost.wellKnownPort(of: scheme)
        return self.entries.contains { $0.allows(scheme: scheme) && $0.allows(host: host) && $0.allows(port: port) }
    }

    package func allows(_ url: OutboundURL) -> Bool {
        self.allows(scheme: url.scheme, host: url.host, port: url.port)
    }

    /// Whether requests to the application itself are allowed, by one of the schemes.
    package func allowsSelf(schemes: [String] = ["http", "https"]) -> Bool {
        self.entries.contains { entry in
            switch entry.host {
            case .any, .toSelf: schemes.contains { entry.allows(scheme: $0) }
            default: false
            }
        }
    }

    /// The components of the application that requests may be sent to.
    package func chainedComponents(of componentIDs: [String]) -> [String] {
        componentIDs.filter { id in
            self.entries.contains { $0.isForServiceChaining && $0.allows(host: .domain(id + ServiceChaining.suffix)) }
        }
    }
}

/// What to tell when a connection is refused: the entry that would allow it, ready to be copied.
package struct OutboundRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package var component: String
    package var scheme: String
    /// As in a URL, or `self`.
    package var host: String
    /// Nil for the default port.
    package var port: Int?

    package init(component: String, scheme: String, host: String, port: Int?) {
        self.component = component
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// `https://example.com`, without a port that goes without saying.
    package var entry: String {
        let host = OutboundHost(self.host)?.description ?? self.host
        guard let port = self.port ?? AllowedHost.wellKnownPort(of: self.scheme) else {
            return "\(self.scheme)://\(host):*"
        }
        return port == AllowedHost.wellKnownPort(of: self.scheme)
            ? "\(self.scheme)://\(host)" : "\(self.scheme)://\(host):\(port)"
    }

    package var description: String {
        """
        the component `\(self.component)` may not connect to `\(self.entry)`
          hint: to allow it, add to the `allowed_outbound_hosts` of [component.\(self.component)] in the manifest:
            "\(self.entry)"
        """
    }
}

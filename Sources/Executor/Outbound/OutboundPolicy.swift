package import AppModel

/// Whether a component may connect to a host.
package enum OutboundDecision: Sendable, Equatable {
    case allowed
    /// - Parameter advice: what to tell the person who runs the application, with the manifest entry that would allow
    ///   it.
    case denied(advice: String)
}

/// What a component may connect to. Asked before any connection of any kind; denies unless told otherwise.
package protocol OutboundPolicy: Sendable {
    /// - Parameter host: as in a URL: a name, an IPv4 address, or an IPv6 address in brackets.
    func check(scheme: String, host: String, port: UInt16) -> OutboundDecision
    /// Whether the component may make requests to its own application.
    func checkSelf(scheme: String) -> OutboundDecision
}

/// The policy of a manifest's `allowed_outbound_hosts`.
package struct ManifestOutboundPolicy: OutboundPolicy {
    private let component: String
    private let hosts: AllowedHosts

    package init(component: String, hosts: AllowedHosts) {
        self.component = component
        self.hosts = hosts
    }

    package func check(scheme: String, host: String, port: UInt16) -> OutboundDecision {
        if self.hosts.allows(scheme: scheme, host: host, port: Int(port)) { return .allowed }
        let refusal = OutboundRefusal(component: self.component, scheme: scheme, host: host, port: Int(port))
        return .denied(advice: refusal.description)
    }

    package func checkSelf(scheme: String) -> OutboundDecision {
        if self.hosts.allowsSelf() { return .allowed }
        let refusal = OutboundRefusal(component: self.component, scheme: scheme, host: "self", port: nil)
        return .denied(advice: refusal.description)
    }
}

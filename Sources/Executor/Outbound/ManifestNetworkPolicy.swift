package import AppModel
package import Logging
import Synchronization
package import WASI

/// What the raw sockets of a component may reach, by `allowed_outbound_hosts`: entries with the schemes `tcp` and `udp`,
/// or `*`. Waiting for connections is never allowed: requests come by triggers.
package final class ManifestNetworkPolicy: NetworkPolicy {
    /// Refusals that are reported, of one component: a guest decides how often it tries.
    private static let reports = 10

    private let component: String
    private let hosts: AllowedHosts
    private let logger: Logger
    private let reported = Atomic<Int>(0)

    package init(component: String, hosts: AllowedHosts, logger: Logger) {
        self.component = component
        self.hosts = hosts
        self.logger = logger
    }

    package var allowsNameLookup: Bool { !self.hosts.isEmpty }

    package func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool {
        guard use != .tcpBind else { return false }
        let scheme = use.isTCP ? "tcp" : "udp"
        let host = address.family == .ipv6 ? "[\(address.host)]" : address.host
        if self.hosts.allows(scheme: scheme, host: host, port: Int(address.port)) { return true }
        if self.reported.wrappingAdd(1, ordering: .relaxed).oldValue < Self.reports {
            let refusal = OutboundRefusal(
                component: self.component, scheme: scheme, host: host, port: Int(address.port))
            self.logger.warning("\(refusal)")
        }
        return false
    }
}

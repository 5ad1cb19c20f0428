package import AppModel
package import HTTPClient
package import Logging
import Synchronization
package import WASI

/// What the raw sockets of a component may reach: by `allowed_outbound_hosts`, entries with the schemes `tcp` and `udp`,
/// or `*`; and nothing in a blocked network. Waiting for connections is never allowed: requests come by triggers.
package final class ManifestNetworkPolicy: NetworkPolicy {
    /// Refusals that are reported, of one component: a guest decides how often it tries.
    private static let reports = 10

    private let component: String
    private let hosts: AllowedHosts
    private let blocked: BlockedNetworks
    private let places: ConnectionBudget?
    private let logger: Logger
    private let reported = Atomic<Int>(0)

    /// - Parameter places: what all sockets of the application share; nil for any number.
    package init(
        component: String, hosts: AllowedHosts, blocked: BlockedNetworks = .none, places: ConnectionBudget? = nil,
        logger: Logger
    ) {
        self.component = component
        self.hosts = hosts
        self.blocked = blocked
        self.places = places
        self.logger = logger
    }

    package var allowsNameLookup: Bool { !self.hosts.isEmpty }

    package func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool {
        guard use != .tcpBind else { return false }
        let scheme = use.isTCP ? "tcp" : "udp"
        let host = address.family == .ipv6 ? "[\(address.host)]" : address.host
        guard self.hosts.allows(scheme: scheme, host: host, port: Int(address.port)) else {
            self.report {
                "\(OutboundRefusal(component: self.component, scheme: scheme, host: host, port: Int(address.port)))"
            }
            return false
        }
        // Binding reaches nobody.
        guard !self.blocked.isEmpty, use != .udpBind else { return true }
        guard let ip = IPAddress(octets: address.octets), !self.blocked.blocks(ip) else {
            self.report {
                "component \(self.component): \(scheme)://\(address) is in a network that the runtime configuration "
                    + "blocks (`block_networks`)"
            }
            return false
        }
        return true
    }

    private func report(_ message: () -> String) {
        guard self.reported.wrappingAdd(1, ordering: .relaxed).oldValue < Self.reports else { return }
        self.logger.warning("\(message())")
    }

    package func takePlace() -> Bool {
        guard let places = self.places, !places.takeOrMakeRoom() else { return true }
        self.report {
            "component \(self.component): all sockets are in use that the runtime configuration allows "
                + "(`max_socket_connections`, `max_total_connections`)"
        }
        return false
    }

    package func giveBackPlace() { self.places?.giveBack() }
}

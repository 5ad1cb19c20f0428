package import AppModel
package import HTTPClient
import WASI

/// What the operator says about every connection of an application's guests, whatever its protocol: one for each
/// application, given to each capability that connects to anything.
package struct OutboundNetwork: Sendable {
    package let blocked: BlockedNetworks
    /// To be asked about each address before it is connected to.
    package let addressPolicy: AddressPolicy
    /// Connections of all capabilities together; nil for any number. Each has a budget of its own within it.
    package let total: ConnectionBudget?
    /// Sockets of the guests' own; nil for any number.
    package let sockets: ConnectionBudget?

    package static let open = OutboundNetwork(OutboundNetworkConfig())

    package init(_ config: OutboundNetworkConfig) {
        self.blocked = config.blocked
        self.addressPolicy = AddressPolicy(blocking: config.blocked)
        let total = config.maxTotalConnections.map { ConnectionBudget($0) }
        self.total = total
        self.sockets =
            config.maxSocketConnections == nil && total == nil
            ? nil : ConnectionBudget(config.maxSocketConnections ?? .max, within: total)
    }
}

extension AddressPolicy {
    /// Everything but the blocked networks.
    init(blocking blocked: BlockedNetworks) {
        guard !blocked.isEmpty else {
            self = .all
            return
        }
        self.init { address in
            guard let ip = InternetAddress(address).flatMap({ IPAddress(octets: $0.octets) }) else { return false }
            return !blocked.blocks(ip)
        }
    }
}

/// `[outbound_http]`: the HTTP requests of guests.
package struct OutboundHTTPConfig: Sendable, Hashable {
    /// Whether connections are kept and used again.
    package var poolsConnections = true
    /// On all event loops together; 0 for none at all, nil for the host's own limit.
    package var maxConnections: Int?

    package init() {}
}

/// `[outbound_networking]`: what holds for every connection that a guest causes, whatever the protocol.
package struct OutboundNetworkConfig: Sendable, Hashable {
    package var blocked = BlockedNetworks.none
    /// Sockets of the guests' own; 0 for none at all, nil for as many as are asked for.
    package var maxSocketConnections: Int?
    /// Of all kinds together.
    package var maxTotalConnections: Int?

    package init() {}
}

/// One `[[client_tls]]`: how chosen components speak TLS with chosen hosts over HTTP.
package struct ClientTLSConfig: Sendable, Hashable {
    /// A file that the configuration names, and where, for whoever finds that it cannot be used.
    package struct File: Sendable, Hashable {
        package var path: String
        package var field: String
        package var position: SourcePosition
    }

    package var componentIDs: [String]
    /// As in ``OutboundHost``, addresses of IPv6 without brackets.
    package var hosts: [String]
    /// Trust the authorities that the system trusts.
    package var trustsSystemRoots: Bool
    package var rootsFile: File?
    /// Certificate chain and private key, both or neither.
    package var certificateFile: File?
    package var privateKeyFile: File?
}

package import NIOCore
package import NIOSSL

/// Which resolved addresses a client may connect to.
package struct AddressPolicy: Sendable {
    private let check: (@Sendable (SocketAddress) -> Bool)?

    package static let all = AddressPolicy(nil)

    private init(_ check: (@Sendable (SocketAddress) -> Bool)?) {
        self.check = check
    }

    package init(_ check: @escaping @Sendable (SocketAddress) -> Bool) {
        self.check = check
    }

    package func allows(_ address: SocketAddress) -> Bool { self.check?(address) ?? true }
}

/// What the connections of one client have in common.
package struct ClientConfiguration: Sendable {
    package var limits = ResponseLimits()
    /// Connections to one origin on one event loop.
    package var connectionsPerOrigin = 1024
    /// Connections of the client on all its event loops together; 0 for none at all.
    package var connectionsInAll = 4096
    /// What this client and others may have together; nil for any number.
    package var totalBudget: ConnectionBudget?
    /// Requests that may wait for a connection to one origin on one event loop.
    package var waitingPerOrigin = 4096
    /// How long a connection is kept that nobody uses; none at all without pooling.
    package var idleTimeout = TimeAmount.seconds(60)
    package var keepsConnections = true
    /// Bytes of a request body that wait for the socket, and of a response body that wait for their reader.
    package var requestHighWaterMark = 128 * 1024
    package var responseHighWaterMark = 128 * 1024
    package var addressPolicy = AddressPolicy.all
    package var resolver: any AddressResolver = SystemResolver()
    /// `host:port` of servers that speak HTTP/2 without TLS.
    package var priorKnowledge: Set<String> = []
    /// Which authorities are trusted, which certificate the client shows, for requests that bring no ``ClientTLS``.
    package var tls = TLSConfiguration.makeClientConfiguration()

    package init() {}
}

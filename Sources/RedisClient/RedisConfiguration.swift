package import HTTP
package import HTTPClient
package import NIOCore
package import NIOSSL

/// What all connections of a client have in common.
package struct RedisConfiguration: Sendable {
    package var limits = RESPLimits()
    /// Replies that are being read, of callers that bring no budget of their own; nil for any number of bytes.
    package var replies: ByteBudget?
    /// To resolve the name, connect, do the TLS handshake and log in; and to wait for a free place before that.
    package var connectTimeout = TimeAmount.seconds(10)
    /// How long a server may take for the answer of a command that does not block; nil for any time.
    package var answerTimeout: TimeAmount? = .seconds(60)
    /// How long a connection is kept that nobody uses.
    package var idleTimeout = TimeAmount.seconds(60)
    /// Connections on all event loops together.
    package var connectionsInAll = 4096
    /// What this client and others may have together; nil for any number.
    package var totalBudget: ConnectionBudget?
    /// Servers, and logins of one server, that one event loop keeps connections to.
    package var addressesPerLoop = 256
    /// Commands of one connection that have no answer yet.
    package var commandsPerConnection = 16_384
    /// Bytes of commands that the server has not taken yet.
    package var unsentBytes = 256 * 1024 * 1024
    /// Between attempts to connect to a server that does not let us.
    package var backOff = BackOff()
    package var addressPolicy = AddressPolicy.all
    package var resolver: any AddressResolver = SystemResolver()
    package var tls = TLSConfiguration.makeClientConfiguration()

    package init() {}
}

/// How long to wait before the next attempt, longer each time, with some chance so that not all come at once.
package struct BackOff: Sendable {
    package var first: TimeAmount
    package var longest: TimeAmount

    package init(first: TimeAmount = .milliseconds(20), longest: TimeAmount = .seconds(5)) {
        self.first = first
        self.longest = longest
    }

    /// The delay after so many failures, from half of it to all of it.
    package func delay(afterFailures failures: Int) -> TimeAmount {
        guard failures > 0 else { return .zero }
        let doubled = max(1, self.first.nanoseconds).multipliedReportingOverflow(by: 1 << Int64(min(failures - 1, 30)))
        let longest = max(1, self.longest.nanoseconds)
        let delay = doubled.overflow ? longest : min(longest, doubled.partialValue)
        return .nanoseconds(delay / 2 + Int64.random(in: 0...(delay / 2)))
    }
}

/// Where a server listens and what it allows its clients.
package struct ServerConfiguration: Sendable {
    /// How connections reach the event loops.
    package enum AcceptMode: Sendable {
        /// One loop accepts and deals the connections out in turn.
        case single
        /// Each loop has a socket of its own on the port (`SO_REUSEPORT`). A second server of the same user can then
        /// bind the port without an error.
        case perLoop
    }

    package var host = "127.0.0.1"
    /// 0 lets the system choose.
    package var port = 3000
    package var backlog = 1024
    package var acceptMode = AcceptMode.single
    /// Event loops that the server makes when it is given none; `nil` for one a core.
    package var loops: Int?
    /// Connections above this number wait in the backlog.
    package var maxConnections = 16 * 1024
    package var limits = HTTP1Limits()
    package var http2 = HTTP2Limits()
    /// Serves TLS, and nothing in the clear.
    package var tls: ServerTLS?

    /// From the first byte of a request to the end of its head, then 408; also from the connection to its first byte.
    package var headerTimeout: Duration? = .seconds(30)
    /// Between requests.
    package var idleTimeout: Duration? = .seconds(75)
    /// Neither body bytes from the client nor response bytes to it, while the body is incomplete.
    package var bodyTimeout: Duration? = .seconds(60)
    /// The client takes nothing of a response that waits for it.
    package var writeTimeout: Duration? = .seconds(60)
    /// The client has closed its side and takes no response bytes: most have gone and cannot say so.
    package var halfClosedTimeout: Duration? = .seconds(30)
    /// How long what a client still sends is thrown away, so that it can read the answer before the reset.
    package var lingerTimeout: Duration = .seconds(5)

    /// Request body bytes that wait for a handler before the socket is not read any more.
    package var requestHighWaterMark = 64 * 1024
    /// Response bytes that wait for a flush, and again that wait in the socket's queue, before there is no credit.
    package var responseHighWaterMark = 128 * 1024
    /// Bytes of the next requests that are read while a request is answered.
    package var readAhead = 16 * 1024
    /// Bytes of an unwanted body that are read to keep the connection.
    package var drainLimit = 256 * 1024

    package init() {}

    /// Shortest time that matters, for the tick of the timers.
    var shortestTimeout: Duration {
        let timeouts = [
            self.headerTimeout, self.idleTimeout, self.bodyTimeout, self.writeTimeout, self.halfClosedTimeout,
        ]
        return timeouts.compactMap { $0 }.reduce(self.lingerTimeout, min)
    }
}

package import HTTP
package import HTTPClient
package import Logging
import Synchronization

/// Answers requests that come from within the application.
package protocol ApplicationDispatcher: AnyObject, Sendable {
    /// Hands the exchange to a component; false when there is none of that id.
    func dispatch(_ exchange: Exchange, to component: String) -> Bool
    /// Answers as if the request had come from outside.
    func dispatchToSelf(_ exchange: Exchange)
}

/// The outbound HTTP of one application: one client, and the way to the application's own components.
package final class OutboundHTTPService: Sendable {
    /// Requests within the application that may lead to one another; more are a loop.
    static let depthLimit = 16

    private struct Application {
        weak var dispatcher: (any ApplicationDispatcher)?
        var authority: String
    }

    let client: HTTPClient
    /// How components speak TLS with chosen hosts: by component, by host.
    private let tls: [String: [String: ClientTLS]]
    let logger: Logger
    private let application = Mutex<Application?>(nil)

    package init(client: HTTPClient, tls: [String: [String: ClientTLS]] = [:], logger: Logger) {
        self.client = client
        self.tls = tls
        self.logger = logger
    }

    /// The application is there and listens.
    ///
    /// - Parameter authority: host and port that were actually bound. Never what a client says in its `host` field: a
    ///   guest would be made to send its requests wherever the client likes (CVE-2024-32980).
    package func connect(_ dispatcher: any ApplicationDispatcher, authority: String) {
        self.application.withLock { $0 = Application(dispatcher: dispatcher, authority: authority) }
    }

    func tls(of component: String) -> [String: ClientTLS] { self.tls[component] ?? [:] }

    var dispatcher: (any ApplicationDispatcher)? { self.application.withLock { $0?.dispatcher } }

    var authority: String? { self.application.withLock { $0?.authority } }
}

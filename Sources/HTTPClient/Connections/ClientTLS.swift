import NIOCore
import NIOPosix
package import NIOSSL
import Synchronization

/// How to speak TLS: which authorities are trusted, which certificate is shown. Connections made with one of these are
/// shared by the requests that bring it.
///
/// To read the authorities that a system trusts takes some milliseconds: a thread does that, while no guest has asked for
/// a connection yet.
package final class ClientTLS: Sendable {
    private let configuration: TLSConfiguration
    private let context = Mutex<NIOSSLContext?>(nil)

    /// - Parameter configuration: ALPN is the client's business.
    /// - Throws: when certificates that were named cannot be used; those of the system fail when they are needed.
    package init(_ configuration: TLSConfiguration) throws {
        var configuration = configuration
        configuration.applicationProtocols = ["h2", "http/1.1"]
        // Nothing that a server says to our good-bye matters: HTTP has an end of its own (RFC 8446 6.1 lets us go).
        configuration.shutdownTimeout = .zero
        self.configuration = configuration
        if case .default = configuration.trustRoots ?? .default, configuration.certificateChain.isEmpty,
            configuration.additionalTrustRoots.isEmpty
        {
            NIOThreadPool.singleton.submit { _ in _ = try? self.get() }
        } else {
            _ = try self.get()
        }
    }

    func get() throws -> NIOSSLContext {
        try self.context.withLock { context in
            if let context { return context }
            let made = try NIOSSLContext(configuration: self.configuration)
            context = made
            return made
        }
    }
}

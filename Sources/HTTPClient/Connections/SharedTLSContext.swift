import NIOPosix
import NIOSSL
import Synchronization

/// What all TLS connections of a client share.
///
/// To read the authorities that a system trusts takes some milliseconds: a thread does that, while no guest has asked for
/// a connection yet.
final class SharedTLSContext: Sendable {
    private let configuration: TLSConfiguration
    private let context = Mutex<NIOSSLContext?>(nil)

    /// - Throws: when certificates that were named cannot be used; those of the system fail when they are needed.
    init(_ configuration: TLSConfiguration) throws {
        var configuration = configuration
        configuration.applicationProtocols = ["h2", "http/1.1"]
        self.configuration = configuration
        if case .default = configuration.trustRoots ?? .default {
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

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What all TLS connections of a client share. Made when it is first needed, on a thread: to read the authorities that
/// a system trusts takes some milliseconds.
final class RedisTLS: Sendable {
    private let configuration: TLSConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)

    init(_ configuration: TLSConfiguration) {
        self.configuration = configuration
    }

    func context(on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
        if let made = self.made.withLock({ $0 }) { return eventLoop.makeSucceededFuture(made) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            try self.made.withLock { made in
                if let made { return made }
                let context = try NIOSSLContext(configuration: self.configuration)
                made = context
                return context
            }
        }
    }
}

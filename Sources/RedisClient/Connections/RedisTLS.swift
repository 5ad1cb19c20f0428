import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What all TLS connections of a client share. Made when it is first needed, on a thread: to read the authorities that
/// a system trusts takes some milliseconds.
final class RedisTLS: Sendable {
    private let configuration: TLSConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)
    /// Held while the context is made, which loops do not wait for.
    private let making = Mutex<Void>(())

    init(_ configuration: TLSConfiguration) {
        self.configuration = configuration
    }

    func context(on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
        if let made = self.made.withLock({ $0 }) { return eventLoop.makeSucceededFuture(made) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            try self.making.withLock { _ in
                if let made = self.made.withLock({ $0 }) { return made }
                let context = try NIOSSLContext(configuration: self.configuration)
                self.made.withLock { $0 = context }
                return context
            }
        }
    }

    static let otherHost = "the server's certificate is for another host"
    static let unreadableAuthorities = "the certificates of the authorities to trust cannot be read"

    /// Why a connection failed, without the server's name, which a guest need not know, or files of this machine.
    static func reason(of error: any Error) -> String {
        switch error {
        case is NIOSSLExtraError: Self.otherHost
        case NIOSSLError.handshakeFailed(.sslError(let stack)), BoringSSLError.sslError(let stack):
            stack.map { Self.reason($0) }.joined(separator: "; ")
        case NIOSSLError.uncleanShutdown: "the server closed the connection during the handshake"
        default: String("\(error)".prefix(300))
        }
    }

    /// The last name of `error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at <file>`, in words.
    private static func reason(_ error: BoringSSLInternalError) -> String {
        let words = "\(error)".split(separator: " ")
        let text = words.prefix { $0 != "at" }.last?.split(separator: ":").last ?? "unknown error"
        return text.lowercased().split(separator: "_").joined(separator: " ")
    }
}

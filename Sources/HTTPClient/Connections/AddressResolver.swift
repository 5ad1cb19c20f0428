import HTTP
package import NIOCore
package import NIOPosix

/// Finds the addresses of a host.
package protocol AddressResolver: Sendable {
    /// Addresses of `host` with `port`, at least one; fails with a ``ClientError``.
    func addresses(of host: String, port: UInt16, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]>
}

/// Asks the system, on threads of its own: the resolver of libc blocks.
package struct SystemResolver: AddressResolver {
    private let threads: NIOThreadPool

    package init(threads: NIOThreadPool = .singleton) {
        self.threads = threads
    }

    package func addresses(
        of host: String, port: UInt16, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        self.threads.runIfActive(eventLoop: eventLoop) { try Self.resolve(host, port) }
    }

    static func resolve(_ host: String, _ port: UInt16) throws(ClientError) -> [SocketAddress] {
        do throws(SystemNames.Failure) {
            return try SystemNames.addresses(of: host, port: port, configuredFamilies: true)
        } catch {
            let code =
                switch error {
                case .notFound: "NXDOMAIN"
                case .noAddress: "NODATA"
                case .temporary: "SERVFAIL"
                case .refused: "REFUSED"
                case .system(let text): text
                }
            throw .dnsError(code: code)
        }
    }
}

import HTTP
package import NIOCore

/// Finds the addresses of a host.
package protocol AddressResolver: Sendable {
    /// Addresses of `host` with `port`, at least one; fails with a ``ClientError``.
    func addresses(of host: String, port: UInt16, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]>
}

/// Asks the system, on threads of its own: the resolver of libc blocks.
package struct SystemResolver: AddressResolver {
    package init() {}

    package func addresses(
        of host: String, port: UInt16, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        let isAccepted = SystemNames.submit {
            promise.completeWith(Result { try Self.resolve(host, port) })
        }
        if !isAccepted { promise.fail(ClientError.dnsTimeout) }
        return promise.futureResult
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

import HTTP
package import NIOCore

/// Finds the addresses of a host.
package protocol AddressResolver: Sendable {
    /// Addresses of `host` with `port`, at least one; fails with a ``ClientError``.
    ///
    /// - Parameter asker: the component that wants to know, empty for the application itself: look-ups are shared out
    ///   fairly among them.
    func addresses(
        of host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]>
}

/// Asks the system.
package struct SystemResolver: AddressResolver {
    package init() {}

    package func addresses(
        of host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let query = NameLookups.Query(host, port: port, configuredFamilies: true)
        return NameLookups.shared.addresses(of: query, for: asker, on: eventLoop).flatMapErrorThrowing { error in
            throw (error as? SystemNames.Failure).map { ClientError($0) } ?? error
        }
    }
}

extension ClientError {
    fileprivate init(_ failure: SystemNames.Failure) {
        self =
            switch failure {
            case .notFound: .dnsError(code: "NXDOMAIN")
            case .noAddress: .dnsError(code: "NODATA")
            case .temporary: .dnsError(code: "SERVFAIL")
            case .refused: .dnsError(code: "REFUSED")
            case .timedOut, .tooManyWait: .dnsTimeout
            case .system(let text): .dnsError(code: text)
            }
    }
}

package import HTTP
package import NIOCore

/// Finds the addresses of a host.
package protocol AddressResolver: Sendable {
    /// Looks up the addresses of `host`, with `port`; fails with a ``ClientError``.
    ///
    /// - Parameter asker: the component that wants to know, empty for the application itself: look-ups are shared out
    ///   fairly among them.
    func lookUp(_ host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop) -> AddressLookup
}

/// Asks the system.
package struct SystemResolver: AddressResolver {
    package init() {}

    package func lookUp(
        _ host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop
    ) -> AddressLookup {
        let query = NameLookups.Query(host, port: port, configuredFamilies: true)
        let lookup = NameLookups.shared.lookUp(query, for: asker, on: eventLoop)
        let addresses = lookup.addresses.flatMapErrorThrowing { error in
            throw (error as? SystemNames.Failure).map { ClientError($0) } ?? error
        }
        return AddressLookup(addresses) { lookup.cancel() }
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

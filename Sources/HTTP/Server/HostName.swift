import NIOCore

/// Resolves the names that a server listens on.
enum HostName {
    /// The first IPv4 address of the host, else its first address of any kind (`spin-parity.md` 2.5).
    ///
    /// - Throws: ``ServerError/unknownHost(host:reason:)``.
    static func address(of host: String) throws(ServerError) -> SocketAddress {
        do throws(SystemNames.Failure) {
            let addresses = try SystemNames.addresses(of: host)
            guard let address = addresses.first(where: { $0.protocol == .inet }) ?? addresses.first else {
                throw .noAddress
            }
            return address
        } catch {
            throw .unknownHost(host: host, reason: "\(error)")
        }
    }
}

package import NIOCore

/// Where a connection comes from. One for all its requests: its text costs more than the rest of a head.
///
/// Confined to its event loop.
package final class PeerAddress {
    package let address: SocketAddress
    /// `127.0.0.1:8777`, `[::1]:8777`; zeros where it is no address of the Internet.
    package private(set) lazy var text: String = {
        guard let ip = self.address.ipAddress, let port = self.address.port else { return "0.0.0.0:0" }
        return ip.utf8.contains(0x3a) ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }()

    package init(_ address: SocketAddress) {
        self.address = address
    }
}

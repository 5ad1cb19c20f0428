/// What a guest wants to do with an address.
package enum SocketUse: String, Sendable {
    case tcpBind = "bind a TCP socket to"
    case tcpConnect = "connect by TCP to"
    case udpBind = "bind a UDP socket to"
    case udpSend = "send by UDP to"

    package var isTCP: Bool { self == .tcpBind || self == .tcpConnect }
}

/// Decides what the sockets of a component may reach. Asked before each system call that reaches out.
package protocol NetworkPolicy: Sendable {
    func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool

    /// Whether names may be looked up at all.
    var allowsNameLookup: Bool { get }

    /// Takes a place for one more connection, or datagram socket; false when there is none. Nobody waits for one: a guest
    /// that holds sockets while it waits for another would wait for itself.
    func takePlace() -> Bool
    func giveBackPlace()
}

extension NetworkPolicy {
    package func takePlace() -> Bool { true }
    package func giveBackPlace() {}
}

/// Nothing: what components get that declare nothing.
package struct NoNetwork: NetworkPolicy {
    package init() {}

    package func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool { false }
    package var allowsNameLookup: Bool { false }
}

/// Everything: what `swirl run` gives when it is asked to.
package struct WholeNetwork: NetworkPolicy {
    package init() {}

    package func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool { true }
    package var allowsNameLookup: Bool { true }
}

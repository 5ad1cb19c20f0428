package import ComponentModel

/// `wasi:sockets/udp.udp-socket` of WASI 0.2.
package final class UdpSocketResource: SocketResource, WasiSocketsUdp.UdpSocket {
    private let udp: UDPSocket
    /// It is bound, but the guest does not know yet.
    private var hasBegunToBind = false
    /// The newest pair of streams: the only one that works.
    private var newest: DatagramPair?
    /// What October's functions have made of the socket; those of 0.2 do not look at it.
    var association = DatagramAssociation.none

    init(_ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        self.udp = try UDPSocket(family, context)
        super.init(self.udp.socket)
    }

    package func startBind(
        network: NetworkResource, localAddress: WasiSocketsNetwork.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard !self.hasBegunToBind else { throw SocketError(.concurrencyConflict) }
            try self.udp.bind(to: InternetAddress(localAddress))
            self.hasBegunToBind = true
        }
    }

    package func finishBind(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        guard self.hasBegunToBind else { return .error(.notInProgress) }
        self.hasBegunToBind = false
        return .ok
    }

    package func stream(
        remoteAddress: WasiSocketsNetwork.IpSocketAddress?, in call: borrowing HostCall
    ) throws -> WITResult<(IncomingDatagramStreamResource, OutgoingDatagramStreamResource), ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.udp.isBound, !self.hasBegunToBind else { throw SocketError(.invalidState) }
            self.newest?.isNewest = false
            if self.udp.remote != nil { try self.udp.disconnect() }
            if let remoteAddress { try self.udp.connect(to: InternetAddress(remoteAddress)) }
            let pair = DatagramPair(self.socket, self.udp.remote)
            self.newest = pair
            return (IncomingDatagramStreamResource(pair), OutgoingDatagramStreamResource(pair))
        }
    }

    package func localAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard !self.hasBegunToBind else { throw SocketError(.concurrencyConflict) }
            return try self.udp.localAddress().socketAddress
        }
    }

    package func remoteAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        guard let remote = self.udp.remote else { return .error(.invalidState) }
        return .ok(remote.socketAddress)
    }

    /// Binding is done at once, so there is never anything to wait for.
    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(AlwaysReady())
    }

    // MARK: Options, under this interface's names

    package func unicastHopLimit(in call: borrowing HostCall) throws -> WITResult<UInt8, ErrorCode> {
        try self.hopLimit(in: call)
    }

    package func setUnicastHopLimit(value: UInt8, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.setHopLimit(value: value, in: call)
    }
}

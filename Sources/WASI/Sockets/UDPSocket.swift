package import ComponentModel

/// `wasi:sockets/udp.udp-socket`.
package final class UdpSocketResource: SocketResource, WasiSocketsUdp.UdpSocket {
    private enum State {
        case unbound
        case bindStarted
        case bound
    }

    private var state = State.unbound
    private var remote: InternetAddress?
    /// What October's functions have made of the socket; those of 0.2 do not look at it.
    var association = DatagramAssociation.none

    init(_ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        super.init(try Socket(.datagram, family, context))
    }

    package func startBind(
        network: NetworkResource, localAddress: WasiSocketsNetwork.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state == .unbound else {
                throw SocketError(self.state == .bindStarted ? .concurrencyConflict : .invalidState)
            }
            let address = InternetAddress(localAddress)
            try address.check(for: self.socket.family, mayBeUnspecified: true)
            guard self.socket.policy.allows(.udpBind, address) else { throw SocketError(.accessDenied) }
            try self.socket.bind(to: address)
            self.state = .bindStarted
        }
    }

    package func finishBind(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        guard self.state == .bindStarted else { return .error(.notInProgress) }
        self.state = .bound
        return .ok
    }

    package func stream(
        remoteAddress: WasiSocketsNetwork.IpSocketAddress?, in call: borrowing HostCall
    ) throws -> WITResult<(IncomingDatagramStreamResource, OutgoingDatagramStreamResource), ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state == .bound else { throw SocketError(.invalidState) }
            if self.remote != nil {
                try self.socket.disconnect()
                self.remote = nil
            }
            if let remoteAddress {
                let address = InternetAddress(remoteAddress)
                try address.check(for: self.socket.family, mayBeUnspecified: false)
                guard self.socket.policy.allows(.udpSend, address) else { throw SocketError(.accessDenied) }
                _ = try self.socket.connect(to: address)
                self.remote = address
            }
            return (
                IncomingDatagramStreamResource(self.socket, from: self.remote),
                OutgoingDatagramStreamResource(self.socket, to: self.remote)
            )
        }
    }

    package func localAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state == .bound else {
                throw SocketError(self.state == .bindStarted ? .concurrencyConflict : .invalidState)
            }
            return try self.socket.localAddress().socketAddress
        }
    }

    package func remoteAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        guard let remote = self.remote else { return .error(.invalidState) }
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

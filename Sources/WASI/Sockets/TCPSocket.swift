package import ComponentModel

/// `wasi:sockets/tcp.tcp-socket`.
package final class TcpSocketResource: SocketResource, WasiSocketsTcp.TcpSocket {
    private enum State {
        case unbound
        case bindStarted
        case bound
        case connecting
        case connected
        case listenStarted
        case listening
        /// A connection attempt failed: the socket is of no more use.
        case failed
    }

    private var state: State
    private var backlog: Int32 = 128
    private var input: SocketSource?
    private var output: SocketTarget?

    private init(_ socket: Socket, _ state: State) {
        self.state = state
        super.init(socket)
    }

    convenience init(_ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        self.init(try Socket(.stream, family, context), .unbound)
    }

    // MARK: Binding

    package func startBind(
        network: NetworkResource, localAddress: WasiSocketsNetwork.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            try self.expect(.unbound)
            let address = InternetAddress(localAddress)
            try address.check(for: self.socket.family, mayBeUnspecified: true)
            guard self.socket.policy.allows(.tcpBind, address) else { throw SocketError(.accessDenied) }
            // As POSIX servers do: a port whose last connections are still closing may be taken again.
            if address.port != 0 { try self.socket.reuseAddress() }
            try self.socket.bind(to: address)
            self.state = .bindStarted
        }
    }

    package func finishBind(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        guard self.state == .bindStarted else { return .error(.notInProgress) }
        self.state = .bound
        return .ok
    }

    // MARK: Connecting

    package func startConnect(
        network: NetworkResource, remoteAddress: WasiSocketsNetwork.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state == .unbound || self.state == .bound else { throw self.stateError }
            let address = InternetAddress(remoteAddress)
            try address.check(for: self.socket.family, mayBeUnspecified: false)
            guard self.socket.policy.allows(.tcpConnect, address) else { throw SocketError(.accessDenied) }
            do throws(SocketError) {
                _ = try self.socket.connect(to: address)
            } catch {
                self.state = .failed
                throw error
            }
            self.state = .connecting
        }
    }

    package func finishConnect(
        in call: borrowing HostCall
    ) throws -> WITResult<(InputStreamResource, OutputStreamResource), ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state == .connecting else { throw SocketError(.notInProgress) }
            guard self.socket.isReady(.write) else { throw SocketError(.wouldBlock) }
            do throws(SocketError) {
                try self.socket.pendingError()
            } catch {
                self.state = .failed
                throw error
            }
            self.state = .connected
            return self.makeStreams()
        }
    }

    private func makeStreams() -> (InputStreamResource, OutputStreamResource) {
        let input = SocketSource(self.socket)
        let output = SocketTarget(self.socket)
        self.input = input
        self.output = output
        return (InputStreamResource(input), OutputStreamResource(output))
    }

    // MARK: Listening

    package func startListen(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            try self.expect(.bound)
            try self.socket.listen(backlog: self.backlog)
            self.state = .listenStarted
        }
    }

    package func finishListen(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        guard self.state == .listenStarted else { return .error(.notInProgress) }
        self.state = .listening
        return .ok
    }

    package func accept(
        in call: borrowing HostCall
    ) throws -> WITResult<(TcpSocketResource, InputStreamResource, OutputStreamResource), ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state == .listening else { throw SocketError(.invalidState) }
            let accepted = TcpSocketResource(try self.socket.accept(), .connected)
            let (input, output) = accepted.makeStreams()
            return (accepted, input, output)
        }
    }

    package func isListening(in call: borrowing HostCall) throws -> Bool { self.state == .listening }

    package func setListenBacklogSize(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard value > 0 else { throw SocketError(.invalidArgument) }
            let backlog = Int32(min(value, 4096))
            switch self.state {
            case .unbound, .bindStarted, .bound: break
            case .listenStarted, .listening: try self.socket.listen(backlog: backlog)
            case .connecting, .connected, .failed: throw SocketError(.invalidState)
            }
            self.backlog = backlog
        }
    }

    // MARK: States

    private func expect(_ state: State) throws(SocketError) {
        guard self.state == state else { throw self.stateError }
    }

    /// What an operation says that the present state does not have.
    private var stateError: SocketError {
        switch self.state {
        case .bindStarted, .listenStarted, .connecting: SocketError(.concurrencyConflict)
        default: SocketError(.invalidState)
        }
    }

    package func localAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.state != .unbound, self.state != .bindStarted else { throw self.stateError }
            return try self.socket.localAddress().socketAddress
        }
    }

    package func remoteAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        socketResult { () throws(SocketError) in
            try self.expect(.connected)
            return try self.socket.remoteAddress().socketAddress
        }
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        switch self.state {
        case .connecting: PollableResource(SocketReadiness(self.socket, .write))
        case .listening: PollableResource(SocketReadiness(self.socket, .read))
        default: PollableResource(AlwaysReady())
        }
    }

    package func shutdown(
        shutdownType: WasiSocketsTcp.ShutdownType, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        guard self.state == .connected else { return .error(.invalidState) }
        if shutdownType != .send { self.input?.end() }
        if shutdownType != .receive { self.output?.end() }
        return .ok
    }

    // MARK: Options

    package func keepAliveEnabled(in call: borrowing HostCall) throws -> WITResult<Bool, ErrorCode> {
        socketResult(try self.socket.keepAlive())
    }

    package func setKeepAliveEnabled(value: Bool, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setKeepAlive(value))
    }

    package func keepAliveIdleTime(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResult(try self.socket.keepAliveIdleTime())
    }

    package func setKeepAliveIdleTime(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setKeepAliveIdleTime(value))
    }

    package func keepAliveInterval(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResult(try self.socket.keepAliveInterval())
    }

    package func setKeepAliveInterval(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setKeepAliveInterval(value))
    }

    package func keepAliveCount(in call: borrowing HostCall) throws -> WITResult<UInt32, ErrorCode> {
        socketResult(try self.socket.keepAliveCount())
    }

    package func setKeepAliveCount(value: UInt32, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setKeepAliveCount(value))
    }

    /// Of the snapshots of 2023 only.
    package func noDelay() -> WITResult<Bool, ErrorCode> {
        socketResult(try self.socket.noDelay())
    }

    /// Of the snapshots of 2023 only.
    package func setNoDelay(_ value: Bool) -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setNoDelay(value))
    }
}

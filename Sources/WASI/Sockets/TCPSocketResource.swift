package import ComponentModel

/// `wasi:sockets/tcp.tcp-socket` of WASI 0.2, whose operations begin in one call and end in another.
package final class TcpSocketResource: SocketResource, WasiSocketsTcp.TcpSocket {
    /// What has begun and is done, but the guest does not know yet.
    private enum Begun {
        case bind
        case listen
    }

    private let tcp: TCPSocket
    private var begun: Begun?
    private var input: SocketSource?
    private var output: SocketTarget?

    private init(_ tcp: TCPSocket) {
        self.tcp = tcp
        super.init(tcp.socket)
    }

    convenience init(_ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        self.init(try TCPSocket(family, context))
    }

    private func checkNothingBegun() throws(SocketError) {
        guard self.begun == nil, self.tcp.state != .connecting else { throw SocketError(.concurrencyConflict) }
    }

    // MARK: Binding

    package func startBind(
        network: NetworkResource, localAddress: WasiSocketsNetwork.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            try self.checkNothingBegun()
            try self.tcp.bind(to: InternetAddress(localAddress))
            self.begun = .bind
        }
    }

    package func finishBind(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        self.finish(.bind)
    }

    private func finish(_ operation: Begun) -> WITResult<Void, ErrorCode> {
        guard self.begun == operation else { return .error(.notInProgress) }
        self.begun = nil
        return .ok
    }

    // MARK: Connecting

    package func startConnect(
        network: NetworkResource, remoteAddress: WasiSocketsNetwork.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult { () throws(SocketError) in
            try self.checkNothingBegun()
            try self.tcp.startConnect(to: InternetAddress(remoteAddress))
        }
    }

    package func finishConnect(
        in call: borrowing HostCall
    ) throws -> WITResult<(InputStreamResource, OutputStreamResource), ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.tcp.state == .connecting else { throw SocketError(.notInProgress) }
            try self.tcp.finishConnect()
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
            try self.checkNothingBegun()
            guard self.tcp.state == .bound else { throw SocketError(.invalidState) }
            try self.tcp.listen()
            self.begun = .listen
        }
    }

    package func finishListen(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        self.finish(.listen)
    }

    package func accept(
        in call: borrowing HostCall
    ) throws -> WITResult<(TcpSocketResource, InputStreamResource, OutputStreamResource), ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.begun == nil else { throw SocketError(.invalidState) }
            let accepted = TcpSocketResource(try self.tcp.accept())
            let (input, output) = accepted.makeStreams()
            return (accepted, input, output)
        }
    }

    package func isListening(in call: borrowing HostCall) throws -> Bool {
        self.tcp.state == .listening && self.begun == nil
    }

    package func setListenBacklogSize(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.tcp.setListenBacklogSize(value))
    }

    // MARK: States

    package func localAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        socketResult { () throws(SocketError) in
            guard self.begun != .bind else { throw SocketError(.concurrencyConflict) }
            return try self.tcp.localAddress().socketAddress
        }
    }

    package func remoteAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpSocketAddress, ErrorCode> {
        socketResult { () throws(SocketError) in
            try self.checkNothingBegun()
            return try self.tcp.remoteAddress().socketAddress
        }
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        switch self.tcp.state {
        case .connecting: PollableResource(SocketReadiness(self.socket, .write))
        case .listening: PollableResource(SocketReadiness(self.socket, .read))
        default: PollableResource(AlwaysReady())
        }
    }

    package func shutdown(
        shutdownType: WasiSocketsTcp.ShutdownType, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        guard self.tcp.state == .connected else { return .error(.invalidState) }
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

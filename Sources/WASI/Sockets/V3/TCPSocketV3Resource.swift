package import ComponentModel

/// `wasi:sockets/types.tcp-socket` of WASI 0.3.
package final class TcpSocketV3Resource: SocketV3Resource, WasiSocketsTypesV3.TcpSocket {
    private let tcp: TCPSocket
    private lazy var connecting = SocketQueue(self.socket, .write)
    private var hasSent = false
    private var hasReceived = false

    init(_ tcp: TCPSocket) {
        self.tcp = tcp
        super.init(tcp.socket)
    }

    package static func create(
        addressFamily: WasiSocketsTypesV3.IpAddressFamily, in call: borrowing HostCall
    ) throws -> WITResult<TcpSocketV3Resource, ErrorCode> {
        let context = call.host(WASIContext.self)
        return socketResultV3 { () throws(SocketError) in
            TcpSocketV3Resource(try TCPSocket(.init(addressFamily), context))
        }
    }

    package func bind(
        localAddress: WasiSocketsTypesV3.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.tcp.bind(to: InternetAddress(localAddress)) }
    }

    package func connect(
        remoteAddress: WasiSocketsTypesV3.IpSocketAddress, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<Void, ErrorCode>> {
        let tcp = self.tcp
        do throws(SocketError) {
            try tcp.startConnect(to: InternetAddress(remoteAddress))
        } catch {
            return .ready(.error(ErrorCode(error)))
        }
        return try self.connecting.perform(
            { () throws(SocketError) in try tcp.finishConnect() }, onCancel: { tcp.abandonConnect() }
        ).changed { WITResult($0) }
    }

    package func listen(
        in call: borrowing HostCall
    ) throws -> WITResult<ElementStream<TcpSocketV3Resource>, ErrorCode> {
        socketResultV3 { () throws(SocketError) in
            try self.tcp.listen()
            return ListenProducer.start(self.tcp)
        }
    }

    // MARK: Data

    package func send(
        data: ByteStream, in call: borrowing HostCall
    ) throws -> ElementFuture<WITResult<Void, ErrorCode>> {
        guard self.tcp.state == .connected, !self.hasSent else {
            data.drop()
            return ElementFuture(.ready(.error(.invalidState)))
        }
        self.hasSent = true
        return SendConsumer.drain(data, into: self.socket)
    }

    package func receive(
        in call: borrowing HostCall
    ) throws -> (ByteStream, ElementFuture<WITResult<Void, ErrorCode>>) {
        guard self.tcp.state == .connected, !self.hasReceived else {
            return ReceiveProducer.failed(SocketError(.invalidState))
        }
        self.hasReceived = true
        return ReceiveProducer.start(self.socket)
    }

    // MARK: State

    package func getLocalAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsTypesV3.IpSocketAddress, ErrorCode> {
        socketResultV3 { () throws(SocketError) in
            guard self.tcp.state != .connecting else { throw SocketError(.invalidState) }
            return try self.tcp.localAddress().socketAddressV3
        }
    }

    package func getRemoteAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsTypesV3.IpSocketAddress, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.tcp.remoteAddress().socketAddressV3 }
    }

    package func getIsListening(in call: borrowing HostCall) throws -> Bool { self.tcp.state == .listening }

    package func setListenBacklogSize(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.tcp.setListenBacklogSize(value) }
    }

    // MARK: Options

    package func getKeepAliveEnabled(in call: borrowing HostCall) throws -> WITResult<Bool, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.keepAlive() }
    }

    package func setKeepAliveEnabled(value: Bool, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setKeepAlive(value) }
    }

    package func getKeepAliveIdleTime(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.keepAliveIdleTime() }
    }

    package func setKeepAliveIdleTime(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setKeepAliveIdleTime(value) }
    }

    package func getKeepAliveInterval(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.keepAliveInterval() }
    }

    package func setKeepAliveInterval(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setKeepAliveInterval(value) }
    }

    package func getKeepAliveCount(in call: borrowing HostCall) throws -> WITResult<UInt32, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.keepAliveCount() }
    }

    package func setKeepAliveCount(value: UInt32, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setKeepAliveCount(value) }
    }
}

package import ComponentModel

/// `wasi:sockets/types.udp-socket` of WASI 0.3.
package final class UdpSocketV3Resource: SocketV3Resource, WasiSocketsTypesV3.UdpSocket {
    private let udp: UDPSocket
    private let budget: HostMemoryBudget
    private lazy var sending = SocketQueue(self.socket, .write)
    private lazy var receiving = SocketQueue(self.socket, .read)

    init(_ udp: UDPSocket, budget: HostMemoryBudget) {
        self.udp = udp
        self.budget = budget
        super.init(udp.socket)
    }

    package static func create(
        addressFamily: WasiSocketsTypesV3.IpAddressFamily, in call: borrowing HostCall
    ) throws -> WITResult<UdpSocketV3Resource, ErrorCode> {
        let context = call.host(WASIContext.self)
        return socketResultV3 { () throws(SocketError) in
            UdpSocketV3Resource(try UDPSocket(.init(addressFamily), context), budget: context.budget)
        }
    }

    package func bind(
        localAddress: WasiSocketsTypesV3.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.udp.bind(to: InternetAddress(localAddress)) }
    }

    package func connect(
        remoteAddress: WasiSocketsTypesV3.IpSocketAddress, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.udp.connect(to: InternetAddress(remoteAddress)) }
    }

    package func disconnect(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.udp.disconnect() }
    }

    // MARK: Datagrams

    /// Operations that wait, and those that did and were cancelled.
    package var queuedOperations: Int { self.sending.count + self.receiving.count }

    package func send(
        data: [UInt8], remoteAddress: WasiSocketsTypesV3.IpSocketAddress?, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<Void, ErrorCode>> {
        let (udp, address) = (self.udp, remoteAddress.map { InternetAddress($0) })
        var kept: HostMemoryUse?
        return try self.sending.perform(
            { () throws(SocketError) in try udp.send(data, to: address) },
            waits: { () throws(GuestFault) in kept = try HostMemoryUse(data.count, of: self.budget) }
        ).changed { [kept] result in withExtendedLifetime(kept) { WITResult(result) } }
    }

    package func receive(
        in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<(any HostBytes, WasiSocketsTypesV3.IpSocketAddress), ErrorCode>> {
        let udp = self.udp
        return try self.receiving.perform { () throws(SocketError) in try udp.receive() }.changed { result in
            WITResult(result.map { ($0.data, $0.sender.socketAddressV3) })
        }
    }

    // MARK: State

    package func getLocalAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsTypesV3.IpSocketAddress, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.udp.localAddress().socketAddressV3 }
    }

    package func getRemoteAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsTypesV3.IpSocketAddress, ErrorCode> {
        guard let remote = self.udp.remote else { return .error(.invalidState) }
        return .ok(remote.socketAddressV3)
    }

    // MARK: Options, under this interface's names

    package func getUnicastHopLimit(in call: borrowing HostCall) throws -> WITResult<UInt8, ErrorCode> {
        try self.getHopLimit(in: call)
    }

    package func setUnicastHopLimit(value: UInt8, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.setHopLimit(value: value, in: call)
    }
}

import ComponentModel

/// `wasi:sockets` of that date: other names for options, a choice of families in look-ups, and datagrams that go
/// through the socket itself.
extension Snapshot20231018 {
    private static let renamed = [
        "[method]tcp-socket.keep-alive-enabled": "[method]tcp-socket.keep-alive",
        "[method]tcp-socket.set-keep-alive-enabled": "[method]tcp-socket.set-keep-alive",
        "[method]tcp-socket.hop-limit": "[method]tcp-socket.unicast-hop-limit",
        "[method]tcp-socket.set-hop-limit": "[method]tcp-socket.set-unicast-hop-limit",
    ]

    static let tcp: [HostFunction] =
        WasiSocketsTcp.interface.functions.filter {
            Self.renamed[$0.name] != nil
                || !($0.name.contains("keep-alive") || $0.name == "[method]tcp-socket.is-listening")
        }.flatMap { WasiSocketsTcp.interface.function($0.name, as: Self.renamed[$0.name]) }
        + SocketOptions.noDelay
        + SocketOptions.ipv6Only("tcp", WasiSocketsTcp.tcpSocketType, TcpSocketResource.self) {
            try $0.addressFamily(in: $1)
        }

    static let nameLookup: [HostFunction] =
        WasiSocketsIpNameLookup.interface.functions.filter { $0.name != "resolve-addresses" }
        + WasiSocketsIpNameLookup.interface.functions.filter { $0.name == "resolve-addresses" }.map {
            HostFunction(
                name: $0.name,
                signature: "(borrow<wasi:sockets/network.network>, string, option<enum{ipv4, ipv6}>, bool)"
                    + $0.signature.drop { $0 != ")" }.dropFirst()
            ) { call in
                let network = try call.resource(
                    borrowed: call.i32(0), WasiSocketsNetwork.networkType, as: NetworkResource.self)
                let name = try call.string(call.i32(1), call.i32(2))
                let family: WasiSocketsNetwork.IpAddressFamily? =
                    switch call.i32(3) {
                    case 0: nil
                    case 1: try .lift(call, at: 4)
                    case let other: throw GuestFault.invalidDiscriminant(other, of: "option", cases: 2)
                    }
                // Whether the machine could reach an address (argument 5) is not looked at, as in Spin.
                let result = try SocketsIpNameLookupFunctions.resolveAddresses(network: network, name: name, in: call)
                let view = try call.view(call.i32(6), size: 8, alignment: 4)
                switch result {
                case .ok(let addresses):
                    addresses.family = family.map { InternetAddress.Family($0) }
                    view.set(u8: 0, at: 0)
                    view.set(u32: try call.insert(addresses, WasiSocketsIpNameLookup.resolveAddressStreamType), at: 4)
                case .error(let code):
                    view.set(u8: 1, at: 0)
                    code.store(to: view, at: 4, in: call)
                }
            }
        }

    // MARK: Datagrams

    static let udp: [HostFunction] =
        WasiSocketsUdp.interface.functions.filter {
            $0.name.hasPrefix("[method]udp-socket.") && $0.name != "[method]udp-socket.stream"
        }
        + SocketOptions.ipv6Only("udp", WasiSocketsUdp.udpSocketType, UdpSocketResource.self) {
            try $0.addressFamily(in: $1)
        }
        + [
            HostFunction(
                name: "[method]udp-socket.start-connect", signature: Self.signature("[method]udp-socket.start-bind")
            ) { call in
                let socket = try Self.socket(call)
                _ = try call.resource(borrowed: call.i32(1), WasiSocketsNetwork.networkType, as: NetworkResource.self)
                let remote = try WasiSocketsNetwork.IpSocketAddress.lift(call, at: 2)
                try SocketOptions.store(socket.startConnect(to: remote), at: call.i32(14), in: call)
            },
            HostFunction(
                name: "[method]udp-socket.finish-connect", signature: Self.signature("[method]udp-socket.finish-bind")
            ) { call in
                try SocketOptions.store(Self.socket(call).finishConnect(in: call), at: call.i32(1), in: call)
            },
            HostFunction(
                name: "[method]udp-socket.receive",
                signature: "(borrow<wasi:sockets/udp.udp-socket>, u64) -> "
                    + "result<list<\(Self.datagram)>, \(SocketOptions.errorCode)>"
            ) { call in
                let result = try Self.socket(call).receive(upTo: call.i64(1), in: call)
                let area = call.i32(2)
                switch result {
                case .ok(let datagrams):
                    let elements = try call.allocate(size: datagrams.count * 40, alignment: 4)
                    for (index, datagram) in datagrams.enumerated() {
                        try datagram.store(at: elements &+ UInt32(truncatingIfNeeded: index * 40), in: call)
                    }
                    let view = try call.view(area, size: 12, alignment: 4)
                    view.set(u8: 0, at: 0)
                    view.set(u32: elements, at: 4)
                    view.set(u32: UInt32(truncatingIfNeeded: datagrams.count), at: 8)
                case .error(let code):
                    let view = try call.view(area, size: 12, alignment: 4)
                    view.set(u8: 1, at: 0)
                    code.store(to: view, at: 4, in: call)
                }
            },
            HostFunction(
                name: "[method]udp-socket.send",
                signature: "(borrow<wasi:sockets/udp.udp-socket>, list<\(Self.datagram)>) -> "
                    + "result<u64, \(SocketOptions.errorCode)>"
            ) { call in
                let socket = try Self.socket(call)
                let count = call.i32(2)
                let list = try call.list(call.i32(1), count, elementSize: 40, alignment: 4)
                var datagrams: [WasiSocketsUdp.OutgoingDatagram] = []
                datagrams.reserveCapacity(Int(count))
                for index in 0..<Int(count) {
                    let offset = index * 40
                    datagrams.append(
                        WasiSocketsUdp.OutgoingDatagram(
                            data: try call.bytes(list.u32(offset), list.u32(offset + 4)).copied(),
                            remoteAddress: try .load(list, at: offset + 8, in: call)))
                }
                let result = try socket.send(datagrams, in: call)
                let view = try call.view(call.i32(3), size: 16, alignment: 8)
                switch result {
                case .ok(let sent):
                    view.set(u8: 0, at: 0)
                    view.set(u64: sent, at: 8)
                case .error(let code):
                    view.set(u8: 1, at: 0)
                    code.store(to: view, at: 8, in: call)
                }
            },
        ]

    private static func signature(_ name: String) -> String {
        WasiSocketsUdp.interface.function(name).first?.signature ?? ""
    }

    private static func socket(_ call: borrowing HostCall) throws -> UdpSocketResource {
        try call.resource(borrowed: call.i32(0), WasiSocketsUdp.udpSocketType, as: UdpSocketResource.self)
    }

    /// The text of the type `datagram`, which a stream of 0.2 receives.
    private static let datagram: String = {
        let signature = Self.signature("[method]incoming-datagram-stream.receive")
        guard let list = signature.firstRange(of: "result<list<"), let end = signature.firstRange(of: ">, enum{") else {
            return ""
        }
        return String(signature[list.upperBound..<end.lowerBound])
    }()
}

/// What a datagram socket of October sends to and receives from.
enum DatagramAssociation {
    case none
    /// Asked for, not yet finished.
    case pending(WasiSocketsNetwork.IpSocketAddress)
    /// The streams of 0.2, which do the work.
    case streams(IncomingDatagramStreamResource, OutgoingDatagramStreamResource)
}

extension UdpSocketResource {
    typealias Streams = (IncomingDatagramStreamResource, OutgoingDatagramStreamResource)

    func startConnect(to remote: WasiSocketsNetwork.IpSocketAddress) -> WITResult<Void, ErrorCode> {
        if case .pending = self.association { return .error(.concurrencyConflict) }
        self.association = .pending(remote)
        return .ok
    }

    func finishConnect(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        guard case .pending(let remote) = self.association else { return .error(.notInProgress) }
        self.association = .none
        switch try self.stream(remoteAddress: remote, in: call) {
        case .ok(let streams):
            self.association = .streams(streams.0, streams.1)
            return .ok
        case .error(let code):
            return .error(code)
        }
    }

    func receive(
        upTo maximum: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<[WasiSocketsUdp.IncomingDatagram], ErrorCode> {
        switch try self.associated(in: call) {
        case .error(let code): return .error(code)
        case .ok(let streams):
            let result = try streams.0.receive(maxResults: maximum, in: call)
            // In 0.2 nothing there is no datagrams; then it was an error.
            if case .ok(let datagrams) = result, datagrams.isEmpty, maximum > 0 { return .error(.wouldBlock) }
            return result
        }
    }

    func send(
        _ datagrams: [WasiSocketsUdp.OutgoingDatagram], in call: borrowing HostCall
    ) throws -> WITResult<UInt64, ErrorCode> {
        switch try self.associated(in: call) {
        case .error(let code): return .error(code)
        case .ok(let streams):
            let permit: UInt64
            switch try streams.1.checkSend(in: call) {
            case .ok(let count): permit = count
            case .error(let code): return .error(code)
            }
            if permit == 0, !datagrams.isEmpty { return .error(.wouldBlock) }
            return try streams.1.send(datagrams: Array(datagrams.prefix(Int(clamping: permit))), in: call)
        }
    }

    /// The streams of the association; without one they are those of a socket that hears everybody.
    private func associated(in call: borrowing HostCall) throws -> WITResult<Streams, ErrorCode> {
        switch self.association {
        case .streams(let incoming, let outgoing): return .ok((incoming, outgoing))
        case .pending: return .error(.concurrencyConflict)
        case .none:
            let result = try self.stream(remoteAddress: nil, in: call)
            if case .ok(let streams) = result { self.association = .streams(streams.0, streams.1) }
            return result
        }
    }
}

import ComponentModel

/// What `0.2.0-rc-2023-11-10` has otherwise than 0.2: `fields.has` and informational responses came later, time-outs
/// have other names, trailers cannot be taken twice, and a socket of IPv6 can be asked whether it is of that alone.
///
/// Source: the WIT of WASI at that date, as Spin keeps it.
enum Snapshot20231110 {
    static let interfaces: [HostInterface] = [
        WasiHttpTypes.interface.serving(Snapshots.november, functions: Self.httpTypes),
        WasiSocketsTcp.interface.serving(
            Snapshots.november,
            functions: WasiSocketsTcp.interface.functions
                + SocketOptions.ipv6Only("tcp", WasiSocketsTcp.tcpSocketType, TcpSocketResource.self) {
                    try $0.addressFamily(in: $1)
                }),
        WasiSocketsUdp.interface.serving(
            Snapshots.november,
            functions: WasiSocketsUdp.interface.functions
                + SocketOptions.ipv6Only("udp", WasiSocketsUdp.udpSocketType, UdpSocketResource.self) {
                    try $0.addressFamily(in: $1)
                }),
    ]

    private static let types = WasiHttpTypes.interface

    private static let httpTypes: [HostFunction] =
        Self.types.functions.filter {
            $0.name != "[method]fields.has" && $0.name != "[method]response-outparam.send-informational"
                && $0.name != "[method]future-trailers.get" && !$0.name.hasSuffix("-timeout")
        }
        + Self.types.functions.filter { $0.name.hasSuffix("-timeout") }.flatMap {
            // The text of the type says nothing of units: they are nanoseconds, whatever the name says.
            Self.types.function($0.name, as: "\($0.name)-ms")
        }
        + [
            HostFunction(
                name: "[method]future-trailers.get",
                signature: "(borrow<wasi:http/types.future-trailers>) -> "
                    + "option<result<option<own<wasi:http/types.fields>>, \(Self.errorCode)>>"
            ) { call in
                let future = try call.resource(
                    borrowed: call.i32(0), WasiHttpTypes.futureTrailersType, as: FutureTrailersResource.self)
                let area = call.i32(1)
                guard let trailers = try future.takeTrailers(in: call) else {
                    try call.view(area, size: 48, alignment: 8).set(u8: 0, at: 0)
                    return
                }
                switch trailers {
                case .ok(let fields):
                    let view = try call.view(area, size: 48, alignment: 8)
                    view.set(u8: 1, at: 0)
                    view.set(u8: 0, at: 8)
                    view.set(u8: fields == nil ? 0 : 1, at: 16)
                    if let fields { view.set(u32: try call.insert(fields, WasiHttpTypes.fieldsType), at: 20) }
                case .error(let code):
                    try code.store(at: area &+ 16, in: call)
                    let view = try call.view(area, size: 48, alignment: 8)
                    view.set(u8: 1, at: 0)
                    view.set(u8: 1, at: 8)
                }
            }
        ]

    /// The text of the type `error-code`, taken from a function that returns nothing else.
    private static let errorCode: String = {
        let signature = Self.types.function("http-error-code").first?.signature ?? ""
        return String(signature.drop { $0 != ">" }.drop { $0 != "<" }.dropFirst().dropLast())
    }()
}

extension FutureTrailersResource {
    /// The trailers as the snapshots of 2023 give them, which had no word for a second time; nil until they are there.
    func takeTrailers(
        in call: borrowing HostCall
    ) throws -> WITResult<FieldsResource?, WasiHttpTypes.ErrorCode>? {
        switch try self.get(in: call) {
        case nil: return nil
        case .ok(let trailers): return trailers
        case .error: throw GuestFault("future-trailers.get was called again after it gave the trailers")
        }
    }
}

/// The functions that 0.2 took from sockets.
enum SocketOptions {
    /// `ipv6-only`: as of 0.2, a socket is of one family, and there is no choice.
    static func ipv6Only<Socket: AnyObject>(
        _ interface: String, _ type: HostResourceType, _: Socket.Type,
        _ family: @escaping @Sendable (Socket, borrowing HostCall) throws -> WasiSocketsNetwork.IpAddressFamily
    ) -> [HostFunction] {
        let this = "borrow<wasi:sockets/\(interface).\(interface)-socket>"
        return [
            HostFunction(
                name: "[method]\(interface)-socket.ipv6-only", signature: "(\(this)) -> result<bool, \(self.errorCode)>"
            ) { call in
                let socket = try call.resource(borrowed: call.i32(0), type, as: Socket.self)
                let isIPv6 = try family(socket, call) == .ipv6
                try Self.store(isIPv6 ? .ok(true) : .error(.notSupported), at: call.i32(1), in: call)
            },
            HostFunction(
                name: "[method]\(interface)-socket.set-ipv6-only",
                signature: "(\(this), bool) -> result<_, \(self.errorCode)>"
            ) { call in
                let socket = try call.resource(borrowed: call.i32(0), type, as: Socket.self)
                let isOne = try family(socket, call) == .ipv6 && call.i32(1) != 0
                try Self.store(isOne ? .ok : .error(.notSupported), at: call.i32(2), in: call)
            },
        ]
    }

    /// `no-delay` of October.
    static let noDelay = [
        HostFunction(
            name: "[method]tcp-socket.no-delay",
            signature: "(borrow<wasi:sockets/tcp.tcp-socket>) -> result<bool, \(Self.errorCode)>"
        ) { call in
            let socket = try call.resource(
                borrowed: call.i32(0), WasiSocketsTcp.tcpSocketType, as: TcpSocketResource.self)
            try Self.store(socket.noDelay(), at: call.i32(1), in: call)
        },
        HostFunction(
            name: "[method]tcp-socket.set-no-delay",
            signature: "(borrow<wasi:sockets/tcp.tcp-socket>, bool) -> result<_, \(Self.errorCode)>"
        ) { call in
            let socket = try call.resource(
                borrowed: call.i32(0), WasiSocketsTcp.tcpSocketType, as: TcpSocketResource.self)
            try Self.store(socket.setNoDelay(call.i32(1) != 0), at: call.i32(2), in: call)
        },
    ]

    /// The text of the type `error-code`, taken from a function that returns nothing else.
    static let errorCode: String = {
        let signature = WasiSocketsTcp.interface.function("[method]tcp-socket.finish-bind").first?.signature ?? ""
        return String(signature.drop { $0 != "_" }.dropFirst(3).dropLast())
    }()

    static func store(
        _ result: WITResult<Bool, WasiSocketsNetwork.ErrorCode>, at area: UInt32, in call: borrowing HostCall
    ) throws {
        let view = try call.view(area, size: 2, alignment: 1)
        switch result {
        case .ok(let value):
            view.set(u8: 0, at: 0)
            view.set(u8: value ? 1 : 0, at: 1)
        case .error(let code):
            view.set(u8: 1, at: 0)
            code.store(to: view, at: 1, in: call)
        }
    }

    static func store(
        _ result: WITResult<Void, WasiSocketsNetwork.ErrorCode>, at area: UInt32, in call: borrowing HostCall
    ) throws {
        let view = try call.view(area, size: 2, alignment: 1)
        switch result {
        case .ok:
            view.set(u8: 0, at: 0)
        case .error(let code):
            view.set(u8: 1, at: 0)
            code.store(to: view, at: 1, in: call)
        }
    }
}

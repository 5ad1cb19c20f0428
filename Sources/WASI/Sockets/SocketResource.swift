package import ComponentModel

/// What `wasi:sockets/tcp.tcp-socket` and `wasi:sockets/udp.udp-socket` have in common: a socket with its options.
package class SocketResource {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode

    let socket: Socket

    init(_ socket: Socket) {
        self.socket = socket
    }

    package func addressFamily(in call: borrowing HostCall) throws -> WasiSocketsNetwork.IpAddressFamily {
        self.socket.family.wasi
    }

    package func hopLimit(in call: borrowing HostCall) throws -> WITResult<UInt8, ErrorCode> {
        socketResult(try self.socket.hopLimit())
    }

    package func setHopLimit(value: UInt8, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setHopLimit(value))
    }

    package func receiveBufferSize(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResult(try self.socket.bufferSize(.receive))
    }

    package func setReceiveBufferSize(value: UInt64, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setBufferSize(.receive, value))
    }

    package func sendBufferSize(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResult(try self.socket.bufferSize(.send))
    }

    package func setSendBufferSize(value: UInt64, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResult(try self.socket.setBufferSize(.send, value))
    }
}

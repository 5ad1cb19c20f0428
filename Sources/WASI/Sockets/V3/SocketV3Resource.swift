package import ComponentModel

/// What `tcp-socket` and `udp-socket` of WASI 0.3 have in common: a socket with its options.
package class SocketV3Resource {
    package typealias ErrorCode = WasiSocketsTypesV3.ErrorCode

    let socket: Socket

    init(_ socket: Socket) {
        self.socket = socket
    }

    package func getAddressFamily(in call: borrowing HostCall) throws -> WasiSocketsTypesV3.IpAddressFamily {
        self.socket.family.wasiV3
    }

    package func getHopLimit(in call: borrowing HostCall) throws -> WITResult<UInt8, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.hopLimit() }
    }

    package func setHopLimit(value: UInt8, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setHopLimit(value) }
    }

    package func getReceiveBufferSize(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.bufferSize(.receive) }
    }

    package func setReceiveBufferSize(
        value: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setBufferSize(.receive, value) }
    }

    package func getSendBufferSize(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.bufferSize(.send) }
    }

    package func setSendBufferSize(value: UInt64, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        socketResultV3 { () throws(SocketError) in try self.socket.setBufferSize(.send, value) }
    }
}

import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// An address of loopback that answers no attempt to connect, as one behind a broken route does: the queue of its
/// listener is full, so the system drops what comes.
final class HangingAddress: Sendable {
    struct Failure: Error {
        let errno: Int32
    }

    let address: SocketAddress
    private let sockets: [CInt]

    init() throws {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, type, 0)
        var sockets = [listener]
        let status = Self.bind(listener)
        let port = Self.port(of: listener)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        // More than the queue takes: the last ones hang.
        for _ in 0..<4 {
            let filler = socket(AF_INET, type, 0)
            sockets.append(filler)
            _ = fcntl(filler, F_SETFL, O_NONBLOCK)
            _ = address.withSockAddr { pointer, length in connect(filler, pointer, socklen_t(length)) }
        }
        self.sockets = sockets
        self.address = address
        guard status == 0, port > 0 else { throw Failure(errno: status) }
    }

    private static func bind(_ listener: CInt) -> CInt {
        guard let any = try? SocketAddress(ipAddress: "127.0.0.1", port: 0) else { return EINVAL }
        let status = any.withSockAddr { pointer, length in
            #if canImport(Glibc)
            Glibc.bind(listener, pointer, socklen_t(length))
            #elseif canImport(Musl)
            Musl.bind(listener, pointer, socklen_t(length))
            #else
            Darwin.bind(listener, pointer, socklen_t(length))
            #endif
        }
        return status == 0 && listen(listener, 0) == 0 ? 0 : errno
    }

    /// The port that the system chose: bytes 2 and 3 of any internet address.
    private static func port(of listener: CInt) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 16) { bytes in
            var length = socklen_t(bytes.count)
            guard let start = bytes.baseAddress,
                getsockname(listener, start.assumingMemoryBound(to: sockaddr.self), &length) == 0
            else { return 0 }
            return Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }

    deinit {
        for socket in self.sockets { close(socket) }
    }
}

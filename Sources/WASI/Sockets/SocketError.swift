import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a function of `wasi:sockets` failed, in the guest's terms.
struct SocketError: Error, Equatable {
    let code: WasiSocketsNetwork.ErrorCode
    /// The near side cannot send any more: 0.2 has no word for it.
    let isBroken: Bool

    init(_ code: WasiSocketsNetwork.ErrorCode) {
        self.code = code
        self.isBroken = false
    }

    /// The system's last error.
    static func system() -> SocketError { SocketError(errno: errno) }

    init(errno: Int32) {
        self.isBroken = errno == EPIPE
        self.code =
            switch errno {
            case EWOULDBLOCK, EAGAIN: .wouldBlock
            case EACCES, EPERM: .accessDenied
            case EADDRINUSE: .addressInUse
            case EADDRNOTAVAIL: .addressNotBindable
            case ETIMEDOUT: .timeout
            case ECONNREFUSED: .connectionRefused
            case ECONNRESET, EPIPE: .connectionReset
            case ECONNABORTED: .connectionAborted
            case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN: .remoteUnreachable
            case EISCONN, ENOTCONN, EDESTADDRREQ: .invalidState
            case EMFILE, ENFILE: .newSocketLimit
            case EMSGSIZE: .datagramTooLarge
            case EOPNOTSUPP, EAFNOSUPPORT, EPROTONOSUPPORT, ENOPROTOOPT: .notSupported
            case ENOMEM, ENOBUFS: .outOfMemory
            case EINVAL: .invalidArgument
            case EALREADY: .concurrencyConflict
            default: .unknown
            }
    }
}

/// What `body` gives, as WASI's result.
func socketResult<Value>(
    _ body: () throws(SocketError) -> Value
) -> WITResult<Value, WasiSocketsNetwork.ErrorCode> {
    do throws(SocketError) {
        return .ok(try body())
    } catch {
        return .error(error.code)
    }
}

/// What `operation` gives, as WASI's result.
func socketResult<Value>(
    _ operation: @autoclosure () throws(SocketError) -> Value
) -> WITResult<Value, WasiSocketsNetwork.ErrorCode> {
    socketResult { () throws(SocketError) in try operation() }
}

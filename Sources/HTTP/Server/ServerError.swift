import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a server could not start.
package enum ServerError: Error, Equatable, Sendable, CustomStringConvertible {
    case addressInUse(host: String, port: Int)
    case addressNotAvailable(host: String)
    case permissionDenied(port: Int)
    case unknownHost(host: String, reason: String)
    case bindFailed(host: String, port: Int, reason: String)
    case alreadyStarted
    case noEventLoops

    init(_ error: any Error, host: String, port: Int) {
        if let error = error as? ServerError {
            self = error
        } else if let error = error as? IOError {
            self =
                switch error.errnoCode {
                case EADDRINUSE: .addressInUse(host: host, port: port)
                case EADDRNOTAVAIL: .addressNotAvailable(host: host)
                case EACCES, EPERM: .permissionDenied(port: port)
                default: .bindFailed(host: host, port: port, reason: "\(error)")
                }
        } else if let error = error as? SocketAddressError {
            self = .unknownHost(host: host, reason: "\(error)")
        } else {
            self = .bindFailed(host: host, port: port, reason: "\(error)")
        }
    }

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "cannot listen on \(host):\(port): address already in use. Stop the process that listens there "
                + "(find it with `ss -ltnp 'sport = :\(port)'`), or choose another port with --listen; port 0 takes a "
                + "free one"
        case .addressNotAvailable(let host):
            "cannot listen on \(host): no network interface of this machine has that address. "
                + "Use 127.0.0.1 for local clients only, or 0.0.0.0 for all interfaces"
        case .permissionDenied(let port):
            "cannot listen on port \(port): permission denied. Ports below 1024 need privileges: choose a higher one"
        case .unknownHost(let host, let reason):
            "cannot listen on \(host): it is not an address of this machine (\(reason))"
        case .bindFailed(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason)"
        case .alreadyStarted:
            "the server was started already: make a new one"
        case .noEventLoops:
            "the server has no event loops on sockets: pass a group of NIOPosix that has at least one"
        }
    }
}

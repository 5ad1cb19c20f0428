package import NIOCore
package import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the addresses of a host.
package protocol AddressResolver: Sendable {
    /// Addresses of `host` with `port`, at least one; fails with a ``ClientError``.
    func addresses(of host: String, port: UInt16, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]>
}

/// Asks the system, on threads of its own: the resolver of libc blocks.
package struct SystemResolver: AddressResolver {
    private let threads: NIOThreadPool

    package init(threads: NIOThreadPool = .singleton) {
        self.threads = threads
    }

    package func addresses(
        of host: String, port: UInt16, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        self.threads.runIfActive(eventLoop: eventLoop) { try Self.resolve(host, port) }
    }

    static func resolve(_ host: String, _ port: UInt16) throws(ClientError) -> [SocketAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        var status = getaddrinfo(host, String(port), &hints, &list)
        if status == EAI_NONAME {
            // A machine with a loopback address alone has no address configured.
            hints.ai_flags = AI_NUMERICSERV
            status = getaddrinfo(host, String(port), &hints, &list)
        }
        guard status == 0 else {
            let code =
                switch status {
                case EAI_NONAME: "NXDOMAIN"
                case EAI_AGAIN: "SERVFAIL"
                case EAI_FAIL: "REFUSED"
                default: String(cString: gai_strerror(status))
                }
            throw .dnsError(code: code)
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            guard let pointer = info.ai_addr else { continue }
            switch Int32(info.ai_family) {
            case AF_INET:
                let address = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
                addresses.append(SocketAddress(address, host: host))
            case AF_INET6:
                let address = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self)
                addresses.append(SocketAddress(address, host: host))
            default: continue
            }
        }
        guard !addresses.isEmpty else { throw .dnsError(code: "NODATA") }
        return addresses
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Resolves the names that a server listens on.
enum HostName {
    /// The first IPv4 address of the host, else its first address of any kind (`spin-parity.md` 2.5).
    ///
    /// - Throws: ``ServerError/unknownHost(host:reason:)``.
    static func address(of host: String) throws -> String {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw ServerError.unknownHost(host: host, reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        var found: String?
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard entry.ai_family == AF_INET || found == nil else { continue }
            var text = [CChar](repeating: 0, count: 1025)
            guard
                getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            found = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if entry.ai_family == AF_INET { break }
        }
        guard let found else {
            throw ServerError.unknownHost(host: host, reason: "it has no address")
        }
        return found
    }
}

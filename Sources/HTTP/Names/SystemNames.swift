package import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The one place where the system's resolver is asked. It blocks: call it on a thread that may.
package enum SystemNames {
    /// Why a name has no addresses.
    package enum Failure: Error, Equatable {
        /// There is no such name.
        case notFound
        /// The name is there, but has no address of a kind that the system can use.
        case noAddress
        /// It may be there later: the name server did not answer.
        case temporary
        /// The name server refuses.
        case refused
        /// There was no answer in the time that anybody waits.
        case timedOut
        /// Whoever asks waits for too many other names already.
        case tooManyWait
        /// Any other of the system's errors, in its words.
        case system(String)
    }

    /// Addresses of `host`, each once and at least one, in the system's order of preference. A numeric address is its
    /// own answer.
    ///
    /// - Parameter configuredFamilies: leave out the families that no interface of this machine has an address of.
    package static func addresses(
        of host: String, port: UInt16 = 0, configuredFamilies: Bool = false
    ) throws(Failure) -> [SocketAddress] {
        // C would read up to the first zero, and answer for another name than the one that was checked.
        guard !host.utf8.contains(0) else { throw .notFound }
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        hints.ai_flags = AI_NUMERICSERV | (configuredFamilies ? AI_ADDRCONFIG : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        var status = getaddrinfo(host, String(port), &hints, &list)
        if status == EAI_NONAME, configuredFamilies {
            // A machine with a loopback address alone has no address configured.
            hints.ai_flags = AI_NUMERICSERV
            status = getaddrinfo(host, String(port), &hints, &list)
        }
        guard status == 0 else { throw Failure(status) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let address = Self.address(entry, host), !addresses.contains(address) else { continue }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw .noAddress }
        return addresses
    }

    private static func address(_ entry: addrinfo, _ host: String) -> SocketAddress? {
        guard let bytes = UnsafeRawPointer(entry.ai_addr) else { return nil }
        return switch Int32(entry.ai_family) {
        case AF_INET: SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self), host: host)
        case AF_INET6: SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self), host: host)
        default: nil
        }
    }
}

extension SystemNames.Failure: CustomStringConvertible {
    #if canImport(Glibc)
    /// EAI_NODATA and EAI_ADDRFAMILY.
    private static let noData: Int32 = -5
    private static let noAddressOfFamily: Int32 = -9
    #endif

    fileprivate init(_ status: Int32) {
        switch status {
        case EAI_NONAME: self = .notFound
        case EAI_AGAIN: self = .temporary
        case EAI_FAIL: self = .refused
        default:
            #if canImport(Glibc)
            // Swift does not see the names of these two, which need _GNU_SOURCE.
            if [Self.noData, Self.noAddressOfFamily].contains(status) {
                self = .noAddress
                return
            }
            #endif
            self = .system(String(cString: gai_strerror(status)))
        }
    }

    package var description: String {
        switch self {
        case .notFound: "there is no host of that name"
        case .noAddress: "it has no address"
        case .temporary: "the name server does not answer"
        case .refused: "the name server refuses to answer"
        case .timedOut: "the name server did not answer in time"
        case .tooManyWait: "too many look-ups of names wait already"
        case .system(let text): text
        }
    }
}

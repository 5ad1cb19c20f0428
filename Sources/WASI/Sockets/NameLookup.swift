package import ComponentModel
import HTTP
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `wasi:sockets/ip-name-lookup.resolve-address-stream`: a look-up, and then its addresses.
package final class ResolveAddressStreamResource: WasiSocketsIpNameLookup.ResolveAddressStream {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode

    private let lookup: NameLookup
    private var next = 0
    /// Which addresses the guest wants; nil for all.
    var family: InternetAddress.Family?

    init(_ lookup: NameLookup) {
        self.lookup = lookup
    }

    package func resolveNextAddress(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiSocketsNetwork.IpAddress?, ErrorCode> {
        switch self.lookup.outcome {
        case nil: return .error(.wouldBlock)
        case .failure(let error): return .error(error.code)
        case .success(let addresses):
            while self.next < addresses.count {
                let address = addresses[self.next]
                self.next += 1
                if self.family == nil || self.family == address.family { return .ok(address.ipAddress) }
            }
            return .ok(nil)
        }
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(self.lookup)
    }
}

/// One look-up of a name.
final class NameLookup: ReadinessSource {
    /// Most look-ups at a time of one instance: each holds a thread.
    static let most = 16

    private(set) var outcome: Result<[InternetAddress], SocketError>?
    private var callback: (() -> Void)?
    private var pending: AddressLookup?

    /// Addresses that are known already.
    init(_ addresses: [InternetAddress]) {
        self.outcome = .success(addresses)
    }

    init(_ name: String, _ context: WASIContext) {
        context.nameLookups += 1
        let lookup = NameLookups.shared.lookUp(
            NameLookups.Query(name), for: context.configuration.componentName, on: context.eventLoop)
        self.pending = lookup
        lookup.addresses.assumeIsolated().whenComplete { [weak self] result in
            context.nameLookups -= 1
            guard let self else { return }
            let outcome = result.map { $0.compactMap { InternetAddress($0) } }
            self.finish(outcome.mapError { SocketError($0 as? SystemNames.Failure ?? .temporary) })
        }
    }

    deinit {
        self.pending?.cancel()
    }

    /// Nobody waits for the answer any more.
    func cancel() {
        self.callback = nil
        self.pending?.cancel()
    }

    private func finish(_ outcome: Result<[InternetAddress], SocketError>) {
        self.pending = nil
        self.outcome = outcome
        let callback = self.callback
        self.callback = nil
        callback?()
    }

    var isReady: Bool { self.outcome != nil }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.isReady { callback() } else { self.callback = callback }
    }
}

extension SocketError {
    fileprivate init(_ failure: SystemNames.Failure) {
        switch failure {
        case .temporary, .timedOut, .tooManyWait: self.init(.temporaryResolverFailure)
        case .refused: self.init(.permanentResolverFailure)
        case .notFound, .noAddress, .system: self.init(.nameUnresolvable)
        }
    }
}

extension InternetAddress {
    /// Reads `127.0.0.1`, `::1` or `[::1]`.
    init?(host: String) {
        var ipv4 = in_addr()
        if inet_pton(AF_INET, host, &ipv4) == 1 {
            self.init(ipv4: UInt32(bigEndian: ipv4.s_addr), port: 0)
            return
        }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        var ipv6 = in6_addr()
        guard inet_pton(AF_INET6, bare, &ipv6) == 1 else { return nil }
        let (high, low) = withUnsafeBytes(of: ipv6) {
            (
                UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(ipv6: high, low, port: 0)
    }
}

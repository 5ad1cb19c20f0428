import ComponentModel

// The types of WASI 0.3 from those that the implementation is written in, and back.

extension WasiSocketsTypesV3.ErrorCode {
    init(_ error: SocketError) {
        self =
            switch error.code {
            case .connectionReset where error.isBroken: .connectionBroken
            case .accessDenied: .accessDenied
            case .notSupported: .notSupported
            case .invalidArgument: .invalidArgument
            case .outOfMemory: .outOfMemory
            case .timeout: .timeout
            case .concurrencyConflict, .notInProgress, .invalidState: .invalidState
            case .addressNotBindable: .addressNotBindable
            case .addressInUse: .addressInUse
            case .remoteUnreachable: .remoteUnreachable
            case .connectionRefused: .connectionRefused
            case .connectionReset: .connectionReset
            case .connectionAborted: .connectionAborted
            case .datagramTooLarge: .datagramTooLarge
            case .newSocketLimit: .other("too many sockets are open")
            case .wouldBlock: .other("the operation would have to wait")
            case .nameUnresolvable, .temporaryResolverFailure, .permanentResolverFailure, .unknown: .other(nil)
            }
    }
}

extension WasiSocketsIpNameLookupV3.ErrorCode {
    init(_ error: SocketError) {
        self =
            switch error.code {
            case .accessDenied: .accessDenied
            case .invalidArgument: .invalidArgument
            case .nameUnresolvable: .nameUnresolvable
            case .temporaryResolverFailure: .temporaryResolverFailure
            case .permanentResolverFailure: .permanentResolverFailure
            default: .other(nil)
            }
    }
}

extension WITResult where Failure == WasiSocketsTypesV3.ErrorCode {
    init(_ result: Result<Success, SocketError>) {
        switch result {
        case .success(let value): self = .ok(value)
        case .failure(let error): self = .error(Failure(error))
        }
    }
}

/// What `body` gives, as the result of WASI 0.3.
func socketResultV3<Value>(
    _ body: () throws(SocketError) -> Value
) -> WITResult<Value, WasiSocketsTypesV3.ErrorCode> {
    WITResult(Result { () throws(SocketError) in try body() })
}

extension InternetAddress {
    init(_ address: WasiSocketsTypesV3.IpSocketAddress) {
        switch address {
        case .ipv4(let address):
            let same = WasiSocketsNetwork.Ipv4SocketAddress(port: address.port, address: address.address)
            self.init(.ipv4(same))
        case .ipv6(let address):
            let same = WasiSocketsNetwork.Ipv6SocketAddress(
                port: address.port, flowInfo: address.flowInfo, address: address.address, scopeId: address.scopeId)
            self.init(.ipv6(same))
        }
    }

    var ipAddressV3: WasiSocketsTypesV3.IpAddress {
        switch self.ipAddress {
        case .ipv4(let address): .ipv4(address)
        case .ipv6(let address): .ipv6(address)
        }
    }

    var socketAddressV3: WasiSocketsTypesV3.IpSocketAddress {
        switch self.socketAddress {
        case .ipv4(let address): .ipv4(.init(port: address.port, address: address.address))
        case .ipv6(let address):
            .ipv6(
                .init(
                    port: address.port, flowInfo: address.flowInfo, address: address.address, scopeId: address.scopeId))
        }
    }
}

extension InternetAddress.Family {
    init(_ family: WasiSocketsTypesV3.IpAddressFamily) {
        self = family == .ipv4 ? .ipv4 : .ipv6
    }

    var wasiV3: WasiSocketsTypesV3.IpAddressFamily { self == .ipv4 ? .ipv4 : .ipv6 }
}

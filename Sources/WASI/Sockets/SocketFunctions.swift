package import ComponentModel

/// `wasi:sockets/network.network`: the one network that there is. Its policy belongs to the component.
package final class NetworkResource: WasiSocketsNetwork.Network {
    package init() {}
}

/// `wasi:sockets/instance-network`.
package enum SocketsInstanceNetworkFunctions: WasiSocketsInstanceNetwork.Functions {
    package static func instanceNetwork(in call: borrowing HostCall) throws -> NetworkResource {
        NetworkResource()
    }
}

/// `wasi:sockets/tcp-create-socket`.
package enum SocketsTcpCreateSocketFunctions: WasiSocketsTcpCreateSocket.Functions {
    package static func createTcpSocket(
        addressFamily: WasiSocketsNetwork.IpAddressFamily, in call: borrowing HostCall
    ) throws -> WITResult<TcpSocketResource, WasiSocketsNetwork.ErrorCode> {
        let context = call.host(WASIContext.self)
        return socketResult { () throws(SocketError) in
            try TcpSocketResource(InternetAddress.Family(addressFamily), context)
        }
    }
}

/// `wasi:sockets/udp-create-socket`.
package enum SocketsUdpCreateSocketFunctions: WasiSocketsUdpCreateSocket.Functions {
    package static func createUdpSocket(
        addressFamily: WasiSocketsNetwork.IpAddressFamily, in call: borrowing HostCall
    ) throws -> WITResult<UdpSocketResource, WasiSocketsNetwork.ErrorCode> {
        let context = call.host(WASIContext.self)
        return socketResult { () throws(SocketError) in
            try UdpSocketResource(InternetAddress.Family(addressFamily), context)
        }
    }
}

/// `wasi:sockets/ip-name-lookup`.
package enum SocketsIpNameLookupFunctions: WasiSocketsIpNameLookup.Functions {
    package static func resolveAddresses(
        network: NetworkResource, name: String, in call: borrowing HostCall
    ) throws -> WITResult<ResolveAddressStreamResource, WasiSocketsNetwork.ErrorCode> {
        let context = call.host(WASIContext.self)
        return socketResult { () throws(SocketError) in
            ResolveAddressStreamResource(try NameLookup.start(name, context))
        }
    }
}

extension NameLookup {
    /// Looks up `name` if it may be.
    static func start(_ name: String, _ context: WASIContext) throws(SocketError) -> NameLookup {
        // An address is its own answer, and says nothing that the guest did not know.
        if let address = InternetAddress(host: name) { return NameLookup([address]) }
        guard self.isName(name) else { throw SocketError(.invalidArgument) }
        guard context.configuration.network.allowsNameLookup else { throw SocketError(.permanentResolverFailure) }
        guard context.nameLookups < NameLookup.most else { throw SocketError(.temporaryResolverFailure) }
        return NameLookup(name, context)
    }

    /// Whether `name` is one that the domain name system may have (RFC 1123, with the underscores that are in use).
    private static func isName(_ name: String) -> Bool {
        let labels = (name.hasSuffix(".") ? name.dropLast() : name[...]).split(
            separator: ".", omittingEmptySubsequences: false)
        return name.utf8.count <= 254
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                            true
                        default: false
                        }
                    }
            }
    }
}

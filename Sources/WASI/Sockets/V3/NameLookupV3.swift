package import ComponentModel

/// `wasi:sockets/ip-name-lookup` of WASI 0.3.
package enum SocketsIpNameLookupV3Functions: WasiSocketsIpNameLookupV3.Functions {
    package static func resolveAddresses(
        name: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<[WasiSocketsTypesV3.IpAddress], WasiSocketsIpNameLookupV3.ErrorCode>> {
        let lookup: NameLookup
        do throws(SocketError) {
            lookup = try NameLookup.start(name, call.host(WASIContext.self))
        } catch {
            return .ready(.error(.init(error)))
        }
        if let outcome = lookup.outcome { return .ready(self.result(outcome)) }
        return .later(onCancel: { lookup.cancel() }) { pending in
            lookup.whenReady {
                pending.succeed(self.result(lookup.outcome ?? .failure(SocketError(.nameUnresolvable))))
            }
        }
    }

    private static func result(
        _ outcome: Result<[InternetAddress], SocketError>
    ) -> WITResult<[WasiSocketsTypesV3.IpAddress], WasiSocketsIpNameLookupV3.ErrorCode> {
        switch outcome {
        case .success(let addresses): .ok(addresses.map { $0.ipAddressV3 })
        case .failure(let error): .error(.init(error))
        }
    }
}

package import ComponentModel

/// `wasi:http/types.request-options`: time-outs in nanoseconds.
package final class RequestOptionsResource: WasiHttpTypes.RequestOptions {
    private(set) var connect: UInt64?
    private(set) var firstByte: UInt64?
    private(set) var betweenBytes: UInt64?

    package static func make(in call: borrowing HostCall) throws -> RequestOptionsResource {
        RequestOptionsResource()
    }

    package func connectTimeout(in call: borrowing HostCall) throws -> UInt64? { self.connect }

    package func setConnectTimeout(duration: UInt64?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        self.connect = duration
        return .ok
    }

    package func firstByteTimeout(in call: borrowing HostCall) throws -> UInt64? { self.firstByte }

    package func setFirstByteTimeout(duration: UInt64?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        self.firstByte = duration
        return .ok
    }

    package func betweenBytesTimeout(in call: borrowing HostCall) throws -> UInt64? { self.betweenBytes }

    package func setBetweenBytesTimeout(
        duration: UInt64?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        self.betweenBytes = duration
        return .ok
    }
}

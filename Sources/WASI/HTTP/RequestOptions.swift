package import ComponentModel

/// `wasi:http/types.request-options`: time-outs in nanoseconds.
package final class RequestOptionsResource: WasiHttpTypes.RequestOptions {
    private(set) var timeouts = RequestTimeouts()

    package static func make(in call: borrowing HostCall) throws -> RequestOptionsResource {
        RequestOptionsResource()
    }

    package func connectTimeout(in call: borrowing HostCall) throws -> UInt64? {
        self.timeouts.connect
    }

    package func setConnectTimeout(duration: UInt64?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        self.timeouts.connect = duration
        return .ok
    }

    package func firstByteTimeout(in call: borrowing HostCall) throws -> UInt64? {
        self.timeouts.firstByte
    }

    package func setFirstByteTimeout(duration: UInt64?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        self.timeouts.firstByte = duration
        return .ok
    }

    package func betweenBytesTimeout(in call: borrowing HostCall) throws -> UInt64? {
        self.timeouts.betweenBytes
    }

    package func setBetweenBytesTimeout(
        duration: UInt64?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        self.timeouts.betweenBytes = duration
        return .ok
    }
}

package import ComponentModel

/// `wasi:http/types@0.3.request-options`: time-outs in nanoseconds.
package final class RequestOptionsV3Resource: WasiHttpTypesV3.RequestOptions {
    package typealias Failure = WasiHttpTypesV3.RequestOptionsError

    private(set) var timeouts: RequestTimeouts
    private let isMutable: Bool

    init(_ timeouts: RequestTimeouts = RequestTimeouts(), isMutable: Bool = true) {
        self.timeouts = timeouts
        self.isMutable = isMutable
    }

    package static func make(in call: borrowing HostCall) throws -> RequestOptionsV3Resource {
        RequestOptionsV3Resource()
    }

    package func getConnectTimeout(in call: borrowing HostCall) throws -> UInt64? {
        self.timeouts.connect
    }

    package func setConnectTimeout(duration: UInt64?, in call: borrowing HostCall) throws -> WITResult<Void, Failure> {
        self.set(\.connect, duration)
    }

    package func getFirstByteTimeout(in call: borrowing HostCall) throws -> UInt64? {
        self.timeouts.firstByte
    }

    package func setFirstByteTimeout(
        duration: UInt64?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        self.set(\.firstByte, duration)
    }

    package func getBetweenBytesTimeout(in call: borrowing HostCall) throws -> UInt64? {
        self.timeouts.betweenBytes
    }

    package func setBetweenBytesTimeout(
        duration: UInt64?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Failure> {
        self.set(\.betweenBytes, duration)
    }

    package func clone(in call: borrowing HostCall) throws -> RequestOptionsV3Resource {
        RequestOptionsV3Resource(self.timeouts)
    }

    private func set(_ timeout: WritableKeyPath<RequestTimeouts, UInt64?>, _ value: UInt64?) -> WITResult<Void, Failure>
    {
        guard self.isMutable else { return .error(.immutable) }
        self.timeouts[keyPath: timeout] = value
        return .ok
    }
}

import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import WASI

/// A host without a guest: functions are called on it directly.
final class TestHost {
    let loop = EmbeddedEventLoop()
    let context: WASIContext
    let instance: ComponentInstance
    private let lowering = Lowering(name: "test", memory: nil, realloc: nil, componentInstance: 0)

    init(
        configuration: WASIConfiguration = WASIConfiguration(), stdin: (any InputSource)? = nil, stdout: Sink? = nil,
        terminals: StandardTerminals = []
    ) {
        self.context = WASIContext(
            configuration: configuration, eventLoop: self.loop, stdin: stdin, stdout: stdout, terminals: terminals)
        self.instance = ComponentInstance(host: self.context, waker: Waker {})
    }

    convenience init(limits: WASILimits) {
        self.init(configuration: WASIConfiguration(limits: limits))
    }

    /// Runs `body` with a call of this host.
    @discardableResult
    func call<R>(_ body: (borrowing HostCall) throws -> R) throws -> R {
        try withUnsafeTemporaryAllocation(byteCount: 16 * 16, alignment: 16) { values in
            let base = values.baseAddress.unsafelyUnwrapped
            return try body(HostCall(values: base, instance: self.instance, lowering: self.lowering))
        }
    }
}

/// Collects what a guest prints; or fails.
final class Sink: OutputSink {
    enum Failure: Error {
        case full
        case closed
    }

    var bytes: [UInt8] = []
    var failure: Failure?

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        if self.failure == .closed { throw OutputClosedError() }
        if let failure = self.failure { throw failure }
        self.bytes.append(contentsOf: bytes)
    }

    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

/// Calls `body` with `text` as a guest would pass it.
func withGuestBytes<R>(_ text: String, _ body: (GuestBytes) throws -> R) throws -> R {
    try withGuestBytes(Array(text.utf8), body)
}

func withGuestBytes<R>(_ bytes: [UInt8], _ body: (GuestBytes) throws -> R) throws -> R {
    try bytes.withUnsafeBytes { try body(GuestBytes($0)) }
}

extension HostBytes {
    var array: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: self.byteCount) { buffer, count in
            if let base = buffer.baseAddress { self.copyBytes(to: UnsafeMutableRawPointer(base)) }
            count = self.byteCount
        }
    }

    var text: String { String(decoding: self.array, as: UTF8.self) }
}

extension WITResult {
    var value: Success? {
        if case .ok(let value) = self { value } else { nil }
    }

    var failure: Failure? {
        if case .error(let failure) = self { failure } else { nil }
    }

    var isOK: Bool { self.value != nil }
}

extension WasiIoStreams.StreamError {
    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }

    var cause: ErrorResource.Cause? {
        if case .lastOperationFailed(let error) = self { error.cause } else { nil }
    }
}

package import ComponentModel
import NIOCore

/// `wasi:io/streams.input-stream` over any source of bytes.
package final class InputStreamResource: WasiIoStreams.InputStream {
    let source: any InputSource
    private let limit: Int

    /// - Parameter limit: the most bytes of one read, whatever the guest asks for.
    package init(_ source: any InputSource, limit: Int = 64 << 10) {
        self.source = source
        self.limit = max(1, limit)
    }

    deinit {
        self.source.close()
    }

    package func read(
        len: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<any HostBytes, WasiIoStreams.StreamError> {
        self.readNow(len)
    }

    package func blockingRead(
        len: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<any HostBytes, WasiIoStreams.StreamError> {
        switch try self.take(len, in: call) {
        case .bytes(let bytes): .ok(bytes)
        case .wouldBlock: .ok([UInt8]())
        case .closed: .error(.closed)
        case .failed(let error): .error(.lastOperationFailed(error))
        }
    }

    package func skip(len: UInt64, in call: borrowing HostCall) throws -> WITResult<UInt64, WasiIoStreams.StreamError> {
        Self.skipped(self.take(len))
    }

    package func blockingSkip(
        len: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<UInt64, WasiIoStreams.StreamError> {
        Self.skipped(try self.take(len, in: call))
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(self.source)
    }

    /// What `read` does: it needs nothing of the call.
    func readNow(_ length: UInt64) -> WITResult<any HostBytes, WasiIoStreams.StreamError> {
        switch self.take(length) {
        case .bytes(let bytes): .ok(bytes)
        case .wouldBlock: .ok([UInt8]())
        case .closed: .error(.closed)
        case .failed(let error): .error(.lastOperationFailed(error))
        }
    }

    /// Reads what is there; `wouldBlock` also stands for a read of no bytes from an open stream.
    func take(_ length: UInt64) -> InputRead {
        guard length > 0 else { return self.source.isClosed ? .closed : .wouldBlock }
        return self.source.read(upTo: Int(min(length, UInt64(self.limit))))
    }

    /// The same, after waiting for at least one byte.
    func take<Call: SuspendableCall & ~Copyable>(_ length: UInt64, in call: borrowing Call) throws -> InputRead {
        while true {
            let read = self.take(length)
            guard case .wouldBlock = read else { return read }
            if length == 0, self.source.isReady { return read }
            let waker = call.waker
            self.source.whenReady { waker.wake() }
            try call.wait()
        }
    }

    private static func skipped(_ read: InputRead) -> WITResult<UInt64, WasiIoStreams.StreamError> {
        switch read {
        case .bytes(let bytes): .ok(UInt64(bytes.readableBytes))
        case .wouldBlock: .ok(0)
        case .closed: .error(.closed)
        case .failed(let error): .error(.lastOperationFailed(error))
        }
    }
}

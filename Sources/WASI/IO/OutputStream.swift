package import ComponentModel
import NIOCore

/// `wasi:io/streams.output-stream` over anything that takes bytes.
package final class OutputStreamResource: WasiIoStreams.OutputStream {
    package typealias StreamError = WasiIoStreams.StreamError

    /// Most bytes of one of the blocking writes, as the interface says.
    static let blockingWriteLimit = 4096
    private static let zeroes = [UInt8](repeating: 0, count: blockingWriteLimit)

    let target: any OutputTarget
    /// What is left of the last `check-write`.
    private var permit = 0

    package init(_ target: any OutputTarget) {
        self.target = target
    }

    deinit {
        self.target.close()
    }

    // MARK: Without waiting

    package func checkWrite(in call: borrowing HostCall) throws -> WITResult<UInt64, StreamError> {
        self.checkWriteNow()
    }

    func checkWriteNow() -> WITResult<UInt64, StreamError> {
        self.permit = 0
        switch self.target.credit() {
        case .bytes(let count):
            self.permit = count
            return .ok(UInt64(count))
        case .closed: return .error(.closed)
        case .failed(let error): return .error(.lastOperationFailed(error))
        }
    }

    package func write(contents: GuestBytes, in call: borrowing HostCall) throws -> WITResult<Void, StreamError> {
        try self.usePermit(UInt64(contents.count), for: "write")
        return Self.result(self.target.write(contents.bytes))
    }

    package func writeZeroes(len: UInt64, in call: borrowing HostCall) throws -> WITResult<Void, StreamError> {
        try self.usePermit(len, for: "write-zeroes")
        var left = Int(len)  // no more than the permit
        while left > 0 {
            let count = min(left, Self.zeroes.count)
            let outcome = Self.zeroes.withUnsafeBytes {
                self.target.write(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            guard case .done = outcome else { return Self.result(outcome) }
            left -= count
        }
        return .ok
    }

    private func usePermit(_ count: UInt64, for function: StaticString) throws {
        guard count <= UInt64(self.permit) else {
            throw GuestFault("\(function) of \(count) bytes, but check-write permitted \(self.permit)")
        }
        self.permit -= Int(count)
    }

    package func flush(in call: borrowing HostCall) throws -> WITResult<Void, StreamError> {
        Self.result(self.target.flush())
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(self.target)
    }

    // MARK: Waiting

    package func blockingWriteAndFlush(
        contents: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, StreamError> {
        try Self.checkBlockingLength(UInt64(contents.count), function: "blocking-write-and-flush")
        return try self.writeAndFlush(contents.bytes, in: call)
    }

    package func blockingWriteZeroesAndFlush(
        len: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<Void, StreamError> {
        try Self.checkBlockingLength(len, function: "blocking-write-zeroes-and-flush")
        return try self.writeAndFlush(ByteBuffer(repeating: 0, count: Int(len)), in: call)
    }

    private static func checkBlockingLength(_ length: UInt64, function: StaticString) throws {
        guard length <= UInt64(Self.blockingWriteLimit) else {
            throw GuestFault("\(function) of \(length) bytes; at most \(Self.blockingWriteLimit) are allowed")
        }
    }

    package func blockingFlush(in call: borrowing HostCall) throws -> WITResult<Void, StreamError> {
        let outcome = self.target.flush()
        guard case .done = outcome else { return Self.result(outcome) }
        return try self.waitForCredit(in: call).map { _ in }
    }

    /// Writes at once when the target has room, which spares the copy; else copies and waits.
    private func writeAndFlush(
        _ bytes: UnsafeRawBufferPointer, in call: borrowing HostCall
    ) throws -> WITResult<Void, StreamError> {
        self.permit = 0
        switch self.target.credit() {
        case .bytes(let credit) where credit >= bytes.count:
            let outcome = self.target.write(bytes)
            guard case .done = outcome else { return Self.result(outcome) }
            return try self.flushAndSettle(in: call)
        case .bytes: return try self.writeAndFlush(ByteBuffer(bytes: bytes), in: call)
        case .closed: return .error(.closed)
        // Asked once more, it would only say that it is closed.
        case .failed(let error): return .error(.lastOperationFailed(error))
        }
    }

    private func writeAndFlush(
        _ buffer: ByteBuffer, in call: borrowing HostCall
    ) throws -> WITResult<Void, StreamError> {
        self.permit = 0
        var buffer = buffer
        while buffer.readableBytes > 0 {
            let credit: Int
            switch try self.waitForCredit(in: call) {
            case .ok(let count): credit = count
            case .error(let error): return .error(error)
            }
            let outcome = buffer.readWithUnsafeReadableBytes { source in
                let part = UnsafeRawBufferPointer(rebasing: source.prefix(credit))
                return (part.count, self.target.write(part))
            }
            guard case .done = outcome else { return Self.result(outcome) }
        }
        return try self.flushAndSettle(in: call)
    }

    private func flushAndSettle(in call: borrowing HostCall) throws -> WITResult<Void, StreamError> {
        let outcome = self.target.flush()
        guard case .done = outcome, !self.target.isSettled else { return Self.result(outcome) }
        return try self.waitForCredit(in: call).map { _ in }
    }

    /// Waits until the target takes bytes; gives how many.
    private func waitForCredit(in call: borrowing HostCall) throws -> WITResult<Int, StreamError> {
        while true {
            switch self.target.credit() {
            case .bytes(0): break
            case .bytes(let count): return .ok(count)
            case .closed: return .error(.closed)
            case .failed(let error): return .error(.lastOperationFailed(error))
            }
            if let deadlock = self.target.deadlock { throw GuestFault(deadlock) }
            let waker = call.waker
            self.target.whenReady { waker.wake() }
            try call.wait()
        }
    }

    // MARK: Splicing

    package func splice(
        src: InputStreamResource, len: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<UInt64, StreamError> {
        switch self.checkWriteNow() {
        case .error(let error): .error(error)
        case .ok(let credit): self.move(src.take(min(len, credit)), limit: credit)
        }
    }

    package func blockingSplice(
        src: InputStreamResource, len: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<UInt64, StreamError> {
        switch try self.waitForCredit(in: call) {
        case .error(let error): return .error(error)
        case .ok(let credit):
            // The credit can only have grown while waiting for input: nobody else writes.
            let read = try src.take(min(len, UInt64(credit)), in: call)
            return self.move(read, limit: UInt64(credit))
        }
    }

    private func move(_ read: InputRead, limit: UInt64) -> WITResult<UInt64, StreamError> {
        self.permit = 0
        switch read {
        case .wouldBlock: return .ok(0)
        case .closed: return .error(.closed)
        case .failed(let error): return .error(.lastOperationFailed(error))
        case .bytes(let buffer):
            guard limit > 0 else { return .ok(0) }
            let outcome = self.target.write(buffer)
            guard case .done = outcome else { return Self.result(outcome).map { _ in 0 } }
            return .ok(UInt64(buffer.readableBytes))
        }
    }

    private static func result(_ outcome: OutputOutcome) -> WITResult<Void, StreamError> {
        switch outcome {
        case .done: .ok
        case .closed: .error(.closed)
        case .failed(let error): .error(.lastOperationFailed(error))
        }
    }
}

extension WITResult {
    package func map<T>(_ transform: (Success) -> T) -> WITResult<T, Failure> {
        switch self {
        case .ok(let value): .ok(transform(value))
        case .error(let error): .error(error)
        }
    }
}

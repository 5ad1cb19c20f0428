import CWasmtime
import WasmEngine

/// The built-ins of streams and futures, as a guest calls them.
///
/// Source: Component Model, `CanonicalABI.md`, "canon stream.new" to "canon future.drop-writable".
enum StreamBuiltin {
    private static func enter(
        _ environment: UnsafeMutableRawPointer?, _ caller: OpaquePointer?, _ values: UnsafeMutablePointer<RawValue>?,
        _ body: (StreamOperation, ComponentInstance, UnsafeMutableRawPointer) throws -> Void
    ) -> OpaquePointer? {
        RuntimeTrampoline.enter(environment, caller, values, as: StreamOperation.self) { operation, instance, values in
            do {
                try instance.checkMayLeave(operation.lowering.componentInstance)
                try body(operation, instance, values)
            } catch let fault as GuestFault {
                throw fault.calling(operation.lowering.name)
            }
        }
    }

    static func callback(of builtin: TransferBuiltin) -> HostCallback {
        switch builtin.operation {
        case .new: Self.new
        case .read, .write: Self.copy
        case .cancelRead, .cancelWrite: Self.cancel
        case .dropReadable, .dropWritable: Self.drop
        }
    }

    /// `stream.new`, `future.new`: both ends in one number, the readable one in its low half.
    static let new: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { operation, instance, values in
            let shared = SharedStream(isFuture: operation.isFuture, payload: operation.payload.number)
            let component = operation.lowering.componentInstance
            let reader = CopyEnd(shared, isReader: true, instance: instance, componentInstance: component)
            let writer = CopyEnd(shared, isReader: false, instance: instance, componentInstance: component)
            let readable = try instance.insert(reader, kind: reader.kind, componentInstance: component)
            let writable = try instance.insert(writer, kind: writer.kind, componentInstance: component)
            values.storeBytes(of: UInt64(readable) | UInt64(writable) << 32, as: UInt64.self)
        }
    }

    /// `stream.read`, `stream.write`, `future.read`, `future.write`.
    static let copy: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { operation, instance, values in
            let end = try Self.end(values.load(as: UInt32.self), operation, instance)
            let addressType = operation.lowering.addressType
            let pointer = addressType.load(values, slot: 1)
            let length = operation.isFuture ? 1 : addressType.load(values, slot: 2)
            try Self.checkIdle(end, operation)
            guard length <= CopyEnd.maximumLength else { throw GuestFault("stream read/write count too large") }
            try Self.check(pointer, Int(length), operation, instance)
            try end.begin(operation, pointer: pointer, length: Int(length))
            // As wide as a pointer where it is that of a stream: what nobody reads is zero.
            values.storeBytes(of: UInt64(try Self.outcome(of: end, operation, instance)), as: UInt64.self)
        }
    }

    /// `stream.cancel-read` and its like.
    static let cancel: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { operation, instance, values in
            let end = try Self.end(values.load(as: UInt32.self), operation, instance)
            guard end.state == .copying, !end.hasSyncWaiter else {
                throw GuestFault(
                    "stream or future \(operation.isReader ? "read" : "write") cancelled when none is pending")
            }
            guard end.set == nil || operation.isAsync else { throw GuestFault.syncInSet }
            end.beginCancelling()
            if !end.hasPendingEvent { end.shared.cancel(end) }
            values.storeBytes(of: try Self.outcome(of: end, operation, instance), as: UInt32.self)
        }
    }

    /// `stream.drop-readable` and its like.
    static let drop: HostCallback = { environment, caller, values, _ in
        Self.enter(environment, caller, values) { operation, instance, values in
            let handle = values.load(as: UInt32.self)
            let end = try Self.end(handle, operation, instance)
            let what = operation.isFuture ? "future" : "stream"
            guard !end.isCopying, !end.hasSyncWaiter else { throw GuestFault("cannot drop busy \(what)") }
            guard !operation.isFuture || operation.isReader || end.state == .done else {
                throw GuestFault("cannot drop future write end without first writing a value")
            }
            end.join(nil)
            _ = try instance.removeObject(
                handle, kind: end.kind, componentInstance: operation.lowering.componentInstance, as: CopyEnd.self)
            end.drop()
        }
    }

    // MARK: Parts

    private static func end(
        _ handle: UInt32, _ operation: StreamOperation, _ instance: ComponentInstance
    ) throws -> CopyEnd {
        let end = try instance.object(
            handle, kind: operation.kind, componentInstance: operation.lowering.componentInstance, as: CopyEnd.self)
        guard end.shared.payload == operation.payload.number else {
            throw GuestFault("handle index \(handle) is a \(operation.isFuture ? "future" : "stream") of another type")
        }
        return end
    }

    private static func checkIdle(_ end: CopyEnd, _ operation: StreamOperation) throws {
        switch end.state {
        case .idle: break
        case .copying, .cancelling:
            throw GuestFault("cannot have concurrent operations active on a future/stream")
        case .done:
            switch (operation.isFuture, operation.isReader) {
            case (false, true):
                throw GuestFault("cannot read from stream after being notified that the writable end dropped")
            case (false, false):
                throw GuestFault("cannot write to stream after being notified that the readable end dropped")
            case (true, true): throw GuestFault("cannot read from future after previous read succeeded")
            case (true, false):
                throw GuestFault("cannot write to future after previous write succeeded or readable end dropped")
            }
        }
        guard end.set == nil || operation.isAsync else { throw GuestFault.syncInSet }
    }

    /// Checks where the items lie, or will.
    private static func check(
        _ pointer: UInt64, _ length: Int, _ operation: StreamOperation, _ instance: ComponentInstance
    ) throws {
        let layout = operation.payload.layout
        guard length > 0, layout.size > 0 else { return }
        guard pointer & UInt64(layout.alignment - 1) == 0 else {
            throw GuestFault.misaligned(pointer: pointer, alignment: layout.alignment)
        }
        // 2^28 items of less than 2^28 bytes each fit 63 bits.
        let size = length * layout.size
        _ = try instance.range(pointer, size, memory: operation.lowering.memory) { memory in
            GuestFault.outOfBounds(pointer: pointer, length: size, memory: memory)
        }
    }

    /// What the built-in returns: how the copy ended, or that it goes on.
    private static func outcome(
        of end: CopyEnd, _ operation: StreamOperation, _ instance: ComponentInstance
    ) throws -> UInt32 {
        if !end.hasPendingEvent {
            guard !operation.isAsync else { return CopyResult.blocked }
            try instance.block(until: end)
        }
        return try end.takeEvent().second
    }
}

extension StreamOperation {
    /// The kind of handle that it takes.
    var kind: UInt32 {
        switch (self.isFuture, self.isReader) {
        case (false, true): AsyncHandle.readableStream
        case (false, false): AsyncHandle.writableStream
        case (true, true): AsyncHandle.readableFuture
        case (true, false): AsyncHandle.writableFuture
        }
    }
}

extension GuestFault {
    static let syncInSet = GuestFault("waitable cannot be used synchronously while added to a waitable set")
}

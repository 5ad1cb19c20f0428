import CWasmtime
import WasmEngine

/// What adapters between components ask of the host: handles to move, text to convert, faults to report.
enum AdapterTrampoline {
    /// Stops the guest; see ``AdapterFault``.
    final class Fault: Sendable {
        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Fault.self) { _, _, values in
                throw AdapterFault.fault(
                    values.load(as: UInt32.self), values.load(fromByteOffset: 16, as: UInt64.self),
                    values.load(fromByteOffset: 32, as: UInt64.self))
            }
        }
    }

    /// Moves or lends a handle of one resource type from one component instance to another.
    final class Transfer: Sendable {
        let type: UInt32
        let from: Int
        let to: Int
        /// The receiver defines the resource: a borrow is its representation.
        let toDefiner: Bool

        init(type: UInt32, from: Int, to: Int, toDefiner: Bool) {
            self.type = type
            self.from = from
            self.to = to
            self.toDefiner = toDefiner
        }

        static let own: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Transfer.self) { transfer, instance, values in
                let handle = values.load(as: UInt32.self)
                let rep = try instance.withHandles(of: transfer.from) {
                    try $0.removeOwn(handle, type: transfer.type)
                }
                let moved = try instance.withHandles(of: transfer.to) {
                    try $0.insertOwn(rep: rep, type: transfer.type)
                }
                values.storeBytes(of: moved, as: UInt32.self)
            }
        }

        static let borrow: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Transfer.self) { transfer, instance, values in
                let rep = try instance.lend(
                    values.load(as: UInt32.self), type: transfer.type, componentInstance: transfer.from)
                let lent =
                    transfer.toDefiner
                    ? rep : try instance.insertBorrow(rep: rep, type: transfer.type, componentInstance: transfer.to)
                values.storeBytes(of: lent, as: UInt32.self)
            }
        }
    }

    /// Gives the readable end of a stream or future to another component instance, or shares an error context with it.
    final class TransferEnd: Sendable {
        private let kind: UInt32
        private let payload: PayloadNumber
        private let from: Int
        private let to: Int

        init(_ type: ValueType, _ resourceNames: @autoclosure () -> [String], from: Int, to: Int) {
            switch type {
            case .stream(let element):
                self.kind = AsyncHandle.readableStream
                self.payload = PayloadNumber.of(element, resourceNames: resourceNames())
            case .future(let element):
                self.kind = AsyncHandle.readableFuture
                self.payload = PayloadNumber.of(element, resourceNames: resourceNames())
            default:
                self.kind = AsyncHandle.errorContext
                self.payload = PayloadNumber.of("")
            }
            self.from = from
            self.to = to
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: TransferEnd.self) { transfer, instance, values in
                let moved = try transfer.move(values.load(as: UInt32.self), instance)
                values.storeBytes(of: moved, as: UInt32.self)
            }
        }

        private func move(_ handle: UInt32, _ instance: ComponentInstance) throws -> UInt32 {
            guard self.kind == AsyncHandle.errorContext else {
                let end = try HostEnd.lift(
                    handle, payload: self.payload.value, isFuture: self.kind == AsyncHandle.readableFuture,
                    from: instance,
                    componentInstance: self.from)
                return try HostEnd.lower(end.shared, to: instance, componentInstance: self.to)
            }
            let context = try instance.object(
                handle, kind: self.kind, componentInstance: self.from, as: ErrorContext.self)
            return try instance.insert(context, kind: self.kind, componentInstance: self.to)
        }
    }

    /// Begins and ends a call that lends handles.
    final class Scope: Sendable {
        static let enter: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Scope.self) { _, instance, _ in
                instance.enterScope()
            }
        }

        static let exit: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Scope.self) { _, instance, _ in
                try instance.exitScope()
            }
        }
    }

    /// Copies a string from one component instance's memory to another's, in the other's encoding.
    final class Transcode: Sendable {
        let from: Lowering
        let to: Lowering

        init(from: Lowering, to: Lowering) {
            self.from = from
            self.to = to
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: Transcode.self) { transcode, instance, values in
                let (from, to) = (transcode.from, transcode.to)
                let pointer = values.load(as: UInt64.self)
                let text = EncodedText(
                    length: values.load(fromByteOffset: 16, as: UInt64.self), encoding: from.encoding,
                    addressType: from.addressType)
                guard text.byteCount <= EncodedText.maximumBytes else { throw GuestFault.textTooLong(text) }
                guard pointer & UInt64(from.encoding.alignment - 1) == 0 else {
                    throw GuestFault.misaligned(pointer: pointer, alignment: from.encoding.alignment)
                }
                let origin = GuestTextOrigin(
                    instance: instance, memory: from.memory, pointer: pointer, count: text.byteCount)
                _ = try origin.bytes()
                let stored = try TextStore(
                    origin: origin, destination: GuestAllocator(instance: instance, lowering: to)
                ).store(text, as: to.encoding, from: from.encoding)
                values.storeBytes(of: stored.pointer, as: UInt64.self)
                values.storeBytes(
                    of: stored.text.length(to.encoding, to.addressType), toByteOffset: 16, as: UInt64.self)
            }
        }
    }

    /// Checks and copies UTF-8 into memory that was allocated for it.
    final class CopyText: Sendable {
        /// Extern slots of memories.
        let from: Int
        let to: Int

        init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: CopyText.self) { copy, instance, values in
                // The adapter checked all three.
                func bytes(_ slot: Int, _ memory: Int) throws -> UnsafeMutableRawBufferPointer {
                    let pointer = values.load(fromByteOffset: slot * 16, as: UInt64.self)
                    let count = Int(truncatingIfNeeded: values.load(fromByteOffset: 16, as: UInt32.self))
                    return try instance.range(pointer, count, memory: memory) { size in
                        GuestFault.outOfBounds(pointer: pointer, length: count, memory: size)
                    }
                }
                let source = UnsafeRawBufferPointer(try bytes(0, copy.from))
                var conversion = TextConversion(source, to: try bytes(2, copy.to))
                guard case .done = conversion.copyUTF8() else { throw GuestFault.illFormedText(.utf8) }
            }
        }
    }
}

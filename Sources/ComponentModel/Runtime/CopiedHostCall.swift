import CWasmtime
import WasmEngine

/// `canon lower` of a function of the host by a guest with a 64-bit memory.
///
/// The host's bindings know 32-bit memories, so values go by way of one of ours (``Room``): functions of the plan copy
/// the parameters there, and the result from there. Handles stay what they are.
final class CopiedHostCall: Sendable {
    private let function: HostFunction
    private let caller: Lowering
    /// As the host sees the call.
    private let host: Lowering
    /// Extern slot of the room.
    private let memory: Int
    private let copies: CallCopies
    /// How many core values hold the parameters, on either side.
    private let parameters: Int
    /// Of the result in the room; nil where it is flat.
    private let area: Layout?

    init(
        function: HostFunction, type: ComponentFunctionType, caller: Lowering, host: Lowering, memory: Int,
        copies: CallCopies
    ) {
        self.function = function
        self.caller = caller
        self.host = host
        self.memory = memory
        self.copies = copies
        let flat = type.flatParameters(host.addressType, isAsync: host.isAsync)
        self.parameters = flat?.count ?? 1
        let isFlat = !host.isAsync && type.flatResults(host.addressType) != nil
        self.area = isFlat ? nil : type.result?.layout(host.addressType)
    }

    static let callback: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: CopiedHostCall.self) { call, instance, values in
            try RuntimeTrampoline.callHost(call.caller, instance) { try call.run(values, instance) }
        }
    }

    private func run(_ values: UnsafeMutableRawPointer, _ instance: ComponentInstance) throws {
        let outer = instance.room.current
        defer { instance.room.resume(outer) }
        let passage = Passage(self, instance.room)
        try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: self.parameters + 1) { slots in
            guard let base = UnsafeMutableRawPointer(slots.baseAddress) else { return }
            let flat = FlatValues(slots)
            for index in 0..<self.parameters {
                flat.set(i64: values.load(fromByteOffset: index * 16, as: UInt64.self), at: index)
            }
            if let copy = self.copies.parameters { try instance.callSlot(copy, slots) }
            if let area = self.area {
                passage.target = self.caller.addressType.load(values, slot: self.parameters)
                passage.area = try instance.room.allocate(area, in: self.memory, of: instance)
                flat.set(i64: UInt64(passage.area), at: self.parameters)
            }
            try self.function.call(
                HostCall(values: base, instance: instance, lowering: self.host, passage: passage))
            guard self.area != nil else {
                return values.storeBytes(of: try self.pass(flat.i64(0), instance), as: UInt64.self)
            }
            // Of a call that is not over, whoever ends it passes the result.
            let isOver = !self.host.isAsync || flat.i32(0) == Subtask.State.returned.rawValue
            if isOver { try passage.end(instance) }
            values.storeBytes(of: flat.i64(0), as: UInt64.self)
        }
    }

    /// A flat result, as the caller has it; or the status of an asynchronous call, which is the same for all.
    private func pass(_ result: UInt64, _ instance: ComponentInstance) throws -> UInt64 {
        guard let copy = self.copies.result else { return result }
        return try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 1) { slots in
            FlatValues(slots).set(i64: result, at: 0)
            try instance.callSlot(copy, slots)
            return FlatValues(slots).i64(0)
        }
    }

    /// The way of one call's result from the room to the caller. As long as it exists, the call has its memory there.
    final class Passage {
        private let call: CopiedHostCall
        private let room: Room
        private let number: Int
        fileprivate var area: UInt32 = 0
        /// Where the caller wants its result.
        fileprivate var target: UInt64 = 0

        fileprivate init(_ call: CopiedHostCall, _ room: Room) {
            self.call = call
            self.room = room
            self.number = room.enter()
        }

        deinit {
            self.room.leave(self.number)
        }

        /// The call goes on, after others.
        func resume() {
            self.room.resume(self.number)
        }

        /// The host has stored the result.
        func end(_ instance: ComponentInstance) throws {
            guard let copy = self.call.copies.result else { return }
            try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 2) { slots in
                let flat = FlatValues(slots)
                flat.set(i64: UInt64(self.area), at: 0)
                flat.set(i64: self.target, at: 1)
                try instance.callSlot(copy, slots)
            }
        }
    }
}

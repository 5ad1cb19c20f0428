import CWasmtime
import WasmEngine

/// The guest's memory and allocator.
extension ComponentInstance {
    /// Where the memory in an extern slot lies now. It may move when the guest runs.
    package func memory(_ slot: Int?) throws -> (base: UnsafeMutableRawPointer, count: Int) {
        guard let slot, let context = self.context, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_MEMORY) else {
            throw GuestFault("the call has no memory")
        }
        let memory = UnsafeMutableRawPointer(self.externs + slot).advanced(by: Self.externPayload)
            .assumingMemoryBound(to: wasmtime_memory_t.self)
        guard let base = wasmtime_memory_data(context, memory) else {
            throw GuestFault("the call's memory is empty")
        }
        return (UnsafeMutableRawPointer(base), wasmtime_memory_data_size(context, memory))
    }

    fileprivate static let externPayload = MemoryLayout<wasmtime_extern_t>.offset(of: \.of) ?? 8

    /// Bytes of the memory in an extern slot, at any pointer that a guest made up.
    ///
    /// - Parameters:
    ///   - count: not negative.
    ///   - fault: what is wrong when they are not inside, given the memory's size.
    @inline(__always)
    func range(_ pointer: UInt64, _ count: Int, memory slot: Int?, fault: (Int) -> GuestFault) throws
        -> UnsafeMutableRawBufferPointer
    {
        let memory = try self.memory(slot)
        // Nothing is added to the pointer before it is known to be small.
        guard count <= memory.count, pointer <= UInt64(memory.count - count) else { throw fault(memory.count) }
        return UnsafeMutableRawBufferPointer(start: memory.base + Int(pointer), count: count)
    }

    /// Calls a guest's realloc function. The result is aligned; where it lies is not checked.
    func reallocate(
        _ old: UInt64 = 0, oldSize: Int = 0, alignment: Int, size: Int, by lowering: Lowering
    ) throws -> UInt64 {
        guard let function = lowering.realloc else { throw GuestFault("the call has no realloc function") }
        return try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 4) { slots in
            let values = FlatValues(slots)
            // A function of 32-bit numbers takes the lower halves.
            values.set(i64: old, at: 0)
            values.set(i64: UInt64(oldSize), at: 1)
            values.set(i64: UInt64(alignment), at: 2)
            values.set(i64: UInt64(size), at: 3)
            // It runs as a call of its own.
            let context = self.contextSlots
            self.contextSlots = ContextSlots()
            try self.withoutLeaving(lowering.componentInstance) { try self.callSlot(function, slots) }
            self.contextSlots = context
            let pointer = values.pointer(0, lowering.addressType)
            guard pointer & UInt64(alignment - 1) == 0 else {
                throw GuestFault.misaligned(pointer: pointer, alignment: alignment)
            }
            return pointer
        }
    }
}

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

    /// Calls the guest's realloc function in an extern slot. The result is aligned; where it lies is not checked.
    func reallocate(
        _ old: UInt32 = 0, oldSize: UInt32 = 0, alignment: UInt32, size: UInt32, function: Int?, componentInstance: Int
    ) throws -> UInt32 {
        guard let function else { throw GuestFault("the call has no realloc function") }
        return try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 4) { slots in
            let values = FlatValues(slots)
            values.set(i32: old, at: 0)
            values.set(i32: oldSize, at: 1)
            values.set(i32: alignment, at: 2)
            values.set(i32: size, at: 3)
            // It runs as a call of its own.
            let context = self.contextSlots
            self.contextSlots = ContextSlots()
            try self.withoutLeaving(componentInstance) { try self.callSlot(function, slots) }
            self.contextSlots = context
            let pointer = values.i32(0)
            guard pointer & (alignment - 1) == 0 else {
                throw GuestFault.misaligned(pointer: pointer, alignment: Int(alignment))
            }
            return pointer
        }
    }
}

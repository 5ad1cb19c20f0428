extension ComponentInstance {
    /// Copies bytes into the guest's memory, as a `list<u8>` that an exported function takes.
    ///
    /// To be called where the arguments of the call are written.
    ///
    /// - Throws: ``GuestFault`` when the guest's allocator gives no place for them.
    package func lower(
        _ bytes: some HostBytes, for function: ExportedFunction
    ) throws -> (pointer: UInt32, count: UInt32) {
        guard let count = UInt32(exactly: bytes.byteCount) else {
            throw GuestFault("the bytes are too many for a list")
        }
        let allocator = GuestAllocator(instance: self, lowering: function.lowering)
        let pointer = try allocator.reallocate(0, oldSize: 0, alignment: 1, size: Int(count))
        if count > 0, let base = try allocator.room(at: pointer, Int(count)).baseAddress {
            bytes.copyBytes(to: base)
        }
        return (UInt32(truncatingIfNeeded: pointer), count)
    }

    /// Calls `body` with the memory and the allocator that an exported function's values use: to lower its arguments
    /// where they are written, and to read its results where they are read.
    package func withValues<R>(
        of function: ExportedFunction, _ body: (borrowing HostCall) throws -> R
    ) throws -> R {
        self.liftBudget = Self.maximumLift
        return try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { slot in
            guard let base = slot.baseAddress else { throw GuestFault("the call has no slots") }
            return try body(HostCall(values: base, instance: self, lowering: function.lowering))
        }
    }

    /// The `count` bytes at an address that an exported function returned.
    package func bytes(at pointer: UInt32, count: Int, for function: ExportedFunction) throws -> [UInt8] {
        let memory = try self.memory(function.memory)
        guard Int(pointer) + count <= memory.count else { throw GuestFault("the result is out of bounds") }
        return Array(UnsafeRawBufferPointer(start: memory.base + Int(pointer), count: count))
    }
}

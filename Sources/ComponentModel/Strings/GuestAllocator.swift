/// A guest's allocator and memory as a place for text.
package struct GuestAllocator: TextDestination {
    /// Kept by the call that text goes through.
    unowned(unsafe) let instance: ComponentInstance
    unowned(unsafe) let lowering: Lowering

    package func reallocate(_ old: UInt64, oldSize: Int, alignment: Int, size: Int) throws -> UInt64 {
        let pointer = try self.instance.reallocate(
            old, oldSize: oldSize, alignment: alignment, size: size, by: self.lowering)
        _ = try self.room(at: pointer, size)
        return pointer
    }

    package func room(at pointer: UInt64, _ count: Int) throws -> UnsafeMutableRawBufferPointer {
        try self.instance.range(pointer, count, memory: self.lowering.memory) { memory in
            GuestFault.reallocOutOfBounds(pointer: pointer, size: count, memory: memory)
        }
    }
}

/// Text of the host: it does not move.
package struct HostText: TextOrigin {
    package let utf8: UnsafeRawBufferPointer

    package init(utf8: UnsafeRawBufferPointer) {
        self.utf8 = utf8
    }

    package func bytes() -> UnsafeRawBufferPointer { self.utf8 }
}

/// Text in a guest's memory, which was checked to lie in it.
package struct GuestTextOrigin: TextOrigin {
    /// Kept by the call that text goes through.
    unowned(unsafe) let instance: ComponentInstance
    package let memory: Int?
    package let pointer: UInt64
    package let count: Int

    package func bytes() throws -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            try self.instance.range(self.pointer, self.count, memory: self.memory) { _ in
                GuestFault("string content out-of-bounds")
            })
    }
}

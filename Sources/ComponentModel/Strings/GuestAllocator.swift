/// A guest's allocator and memory as a place for text.
package struct GuestAllocator: TextDestination {
    /// Kept by the call that text goes through.
    unowned(unsafe) let instance: ComponentInstance
    /// Extern slots.
    package let memory: Int?
    package let realloc: Int?
    package let componentInstance: Int

    package func reallocate(_ old: UInt32, oldSize: Int, alignment: Int, size: Int) throws -> UInt32 {
        let pointer = try self.instance.reallocate(
            old, oldSize: UInt32(truncatingIfNeeded: oldSize), alignment: UInt32(truncatingIfNeeded: alignment),
            size: UInt32(truncatingIfNeeded: size), function: self.realloc, componentInstance: self.componentInstance)
        _ = try self.room(at: pointer, size)
        return pointer
    }

    package func room(at pointer: UInt32, _ count: Int) throws -> UnsafeMutableRawBufferPointer {
        let memory = try self.instance.memory(self.memory)
        guard Int(pointer) + count <= memory.count else {
            throw GuestFault.reallocOutOfBounds(pointer: pointer, size: count, memory: memory.count)
        }
        return UnsafeMutableRawBufferPointer(start: memory.base + Int(pointer), count: count)
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
    package let pointer: UInt32
    package let count: Int

    package func bytes() throws -> UnsafeRawBufferPointer {
        let memory = try self.instance.memory(self.memory)
        guard Int(self.pointer) + self.count <= memory.count else {
            throw GuestFault("string content out-of-bounds")
        }
        return UnsafeRawBufferPointer(start: memory.base + Int(self.pointer), count: self.count)
    }
}

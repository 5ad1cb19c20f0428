/// A guest's allocator and memory as a place for text.
struct GuestAllocator: TextDestination {
    unowned(unsafe) let instance: ComponentInstance
    /// Extern slots.
    let memory: Int?
    let realloc: Int?
    let componentInstance: Int

    func reallocate(_ old: UInt32, oldSize: Int, alignment: Int, size: Int) throws -> UInt32 {
        let pointer = try self.instance.reallocate(
            old, oldSize: UInt32(truncatingIfNeeded: oldSize), alignment: UInt32(truncatingIfNeeded: alignment),
            size: UInt32(truncatingIfNeeded: size), function: self.realloc, componentInstance: self.componentInstance)
        _ = try self.room(at: pointer, size)
        return pointer
    }

    func room(at pointer: UInt32, _ count: Int) throws -> UnsafeMutableRawBufferPointer {
        let memory = try self.instance.memory(self.memory)
        guard Int(pointer) + count <= memory.count else {
            throw GuestFault.reallocOutOfBounds(pointer: pointer, size: count, memory: memory.count)
        }
        return UnsafeMutableRawBufferPointer(start: memory.base + Int(pointer), count: count)
    }
}

/// Text of the host: it does not move.
struct HostText: TextOrigin {
    let utf8: UnsafeRawBufferPointer

    func bytes() -> UnsafeRawBufferPointer { self.utf8 }
}

/// Text in a guest's memory, which was checked to lie in it.
struct GuestTextOrigin: TextOrigin {
    unowned(unsafe) let instance: ComponentInstance
    let memory: Int?
    let pointer: UInt32
    let count: Int

    func bytes() throws -> UnsafeRawBufferPointer {
        let memory = try self.instance.memory(self.memory)
        guard Int(self.pointer) + self.count <= memory.count else {
            throw GuestFault("string content out-of-bounds")
        }
        return UnsafeRawBufferPointer(start: memory.base + Int(self.pointer), count: self.count)
    }
}

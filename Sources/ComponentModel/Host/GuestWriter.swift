import CWasmtime
import WasmEngine

/// A guest's memory and allocator for many values, one after the other: what is the same for all of them is looked up
/// once, where ``HostCall/allocate(size:alignment:)`` does it for each.
///
/// Valid in the body of ``HostCall/write(_:)``, which may do nothing else with the guest.
package struct GuestWriter: ~Copyable {
    // Kept, so that nothing is retained for each value.
    private let instance: ComponentInstance
    private let store: Store
    private let function: wasmtime_func_t
    private let memory: UnsafePointer<wasmtime_memory_t>
    /// Where the memory lay when it was last looked at.
    private let bytes: UnsafeMutablePointer<UnsafeMutableRawBufferPointer>
    private let slots: UnsafeMutableBufferPointer<RawValue>

    fileprivate init(
        _ instance: ComponentInstance, _ store: Store, _ function: wasmtime_func_t,
        _ memory: UnsafePointer<wasmtime_memory_t>, _ bytes: UnsafeMutablePointer<UnsafeMutableRawBufferPointer>,
        _ slots: UnsafeMutableBufferPointer<RawValue>
    ) {
        self.instance = instance
        self.store = store
        self.function = function
        self.memory = memory
        self.bytes = bytes
        self.slots = slots
    }

    /// Memory from the guest's own allocator, and where it lies until the next call of this.
    package func allocate(size: Int, alignment: Int) throws -> (pointer: UInt32, view: GuestMemoryView) {
        guard let size32 = UInt32(exactly: size), let alignment32 = UInt32(exactly: alignment) else {
            throw HostLimitError("a value of \(size) bytes does not fit a 32-bit memory")
        }
        let values = FlatValues(self.slots)
        values.set(i32: 0, at: 0)
        values.set(i32: 0, at: 1)
        values.set(i32: alignment32, at: 2)
        values.set(i32: size32, at: 3)
        // It runs as a call of its own.
        self.instance.contextSlots = ContextSlots()
        try self.store.call(self.function, self.slots)
        let pointer = values.i32(0)
        return (pointer, try self.view(pointer, size: size, alignment: alignment))
    }

    /// A checked range of the guest's memory: until the next call of ``allocate(size:alignment:)``.
    package func view(_ pointer: UInt32, size: Int, alignment: Int) throws -> GuestMemoryView {
        guard Int(pointer) & (alignment - 1) == 0 else {
            throw GuestFault.misaligned(pointer: pointer, alignment: alignment)
        }
        let bytes = self.memoryNow()
        guard Int(pointer) + size <= bytes.count, let base = bytes.baseAddress else {
            throw GuestFault.outOfBounds(pointer: pointer, length: size, memory: bytes.count)
        }
        return GuestMemoryView(base: base + Int(pointer), count: size)
    }

    private func memoryNow() -> UnsafeMutableRawBufferPointer {
        let count = wasmtime_memory_data_size(self.store.context, self.memory)
        // A memory moves only when it grows, and never becomes smaller.
        if count != self.bytes.pointee.count {
            self.bytes.pointee = UnsafeMutableRawBufferPointer(
                start: wasmtime_memory_data(self.store.context, self.memory), count: count)
        }
        return self.bytes.pointee
    }

    /// Copies bytes into the guest's memory.
    package func copy(_ bytes: UnsafeRawBufferPointer) throws -> UInt32 {
        let (pointer, view) = try self.allocate(size: bytes.count, alignment: 1)
        if let source = bytes.baseAddress, !bytes.isEmpty {
            view.base.copyMemory(from: source, byteCount: bytes.count)
        }
        return pointer
    }
}

extension HostCall {
    /// Whether text lies in the guest's memory as UTF-8.
    package var isUTF8: Bool { self.lowering.encoding == .utf8 }

    /// Writes many values into the guest's memory.
    package func write<Result>(_ body: (borrowing GuestWriter) throws -> Result) throws -> Result {
        try self.instance.withWriter(self.lowering, body)
    }
}

extension ComponentInstance {
    fileprivate func withWriter<Result>(
        _ lowering: Lowering, _ body: (borrowing GuestWriter) throws -> Result
    ) throws -> Result {
        guard let store = self.store, let realloc = lowering.realloc, let memory = lowering.memory,
            realloc < self.externCount, self.externs[realloc].kind == UInt8(WASMTIME_EXTERN_FUNC),
            self.externs[memory].kind == UInt8(WASMTIME_EXTERN_MEMORY)
        else { throw GuestFault("the call has no memory or no realloc function") }
        let context = self.contextSlots
        var place = self.externs[memory].of.memory
        var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        let result = try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 4) { slots in
            try withUnsafePointer(to: &place) { place in
                try withUnsafeMutablePointer(to: &bytes) { bytes in
                    try self.withoutLeaving(lowering.componentInstance) {
                        try body(GuestWriter(self, store, self.externs[realloc].of.func, place, bytes, slots))
                    }
                }
            }
        }
        self.contextSlots = context
        return result
    }
}

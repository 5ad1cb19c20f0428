import ComponentModel

/// A core module's linear memory during one host function: every pointer of the guest is checked here.
///
/// A pointer that is outside or not aligned is the guest's fault and traps, as the interface's description asks.
/// Valid until the guest runs or waits. Source: WASI `legacy/tools/witx-docs.md`, "Pointers".
struct Preview1Memory {
    private let bytes: UnsafeMutableRawBufferPointer

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    /// A checked range.
    func range(_ pointer: UInt32, _ count: Int, alignment: Int = 1) throws -> GuestMemoryView {
        guard Int(pointer) & (alignment - 1) == 0 else {
            throw GuestFault.misaligned(pointer: pointer, alignment: alignment)
        }
        guard count <= self.bytes.count, Int(pointer) <= self.bytes.count - count, let base = self.bytes.baseAddress
        else {
            throw GuestFault.outOfBounds(pointer: pointer, length: count, memory: self.bytes.count)
        }
        return GuestMemoryView(base: base + Int(pointer), count: count)
    }

    func buffer(_ pointer: UInt32, _ count: UInt32) throws -> UnsafeMutableRawBufferPointer {
        let view = try self.range(pointer, Int(count))
        return UnsafeMutableRawBufferPointer(start: view.base, count: view.count)
    }

    func set(u32 value: UInt32, at pointer: UInt32) throws {
        try self.range(pointer, 4, alignment: 4).set(u32: value, at: 0)
    }

    func set(u64 value: UInt64, at pointer: UInt32) throws {
        try self.range(pointer, 8, alignment: 8).set(u64: value, at: 0)
    }

    /// Copies as much of `source` as fits `space` bytes at `pointer`: how many.
    func copy(_ source: UnsafeRawBufferPointer, to pointer: UInt32) throws {
        guard let base = source.baseAddress, source.count > 0 else { return }
        try self.range(pointer, source.count).base.copyMemory(from: base, byteCount: source.count)
    }

    /// A path: UTF-8, else `ilseq`.
    func string(_ pointer: UInt32, _ count: UInt32) throws -> String {
        guard count <= UInt32(PathResolver.pathLimit) else {
            _ = try self.range(pointer, Int(count))
            throw Errno.nameTooLong
        }
        let bytes = try self.buffer(pointer, count)
        guard let string = String(validating: bytes, as: UTF8.self) else { throw Errno.illegalByteSequence }
        return string
    }

    /// The parts of an array of `iovec` or `ciovec`, each checked.
    func vectors(_ pointer: UInt32, _ count: UInt32) throws -> [UnsafeMutableRawBufferPointer] {
        // The same bound as in POSIX systems.
        guard count <= 1024 else { throw Errno.invalid }
        let view = try self.range(pointer, Int(count) * 8, alignment: 4)
        var parts: [UnsafeMutableRawBufferPointer] = []
        parts.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            parts.append(try self.buffer(view.u32(index * 8), view.u32(index * 8 + 4)))
        }
        return parts
    }
}

/// A checked range of a guest's linear memory: bounds and alignment were checked when it was made.
///
/// Offsets are the generated code's constants, inside the range by construction. Little-endian, as Wasm is.
/// Valid until the host function suspends, calls the guest or returns: memory may then have moved.
@usableFromInline
package struct GuestMemoryView {
    @usableFromInline
    package let base: UnsafeMutableRawPointer
    @usableFromInline
    package let count: Int

    package init(base: UnsafeMutableRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    @inlinable
    @inline(__always)
    func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
        assert(offset >= 0 && offset + MemoryLayout<T>.size <= self.count)
        return T(littleEndian: self.base.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    @inlinable
    @inline(__always)
    func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        assert(offset >= 0 && offset + MemoryLayout<T>.size <= self.count)
        self.base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    @inlinable
    package func u8(_ offset: Int) -> UInt8 { self.load(offset, as: UInt8.self) }
    @inlinable
    package func u16(_ offset: Int) -> UInt16 { self.load(offset, as: UInt16.self) }
    @inlinable
    package func u32(_ offset: Int) -> UInt32 { self.load(offset, as: UInt32.self) }
    @inlinable
    package func u64(_ offset: Int) -> UInt64 { self.load(offset, as: UInt64.self) }
    @inlinable
    package func f32(_ offset: Int) -> Float { Float(bitPattern: self.u32(offset)) }
    @inlinable
    package func f64(_ offset: Int) -> Double { Double(bitPattern: self.u64(offset)) }

    /// A pointer or length.
    func pointer(_ offset: Int, _ addressType: AddressType) -> UInt64 {
        switch addressType {
        case .i32: UInt64(self.u32(offset))
        case .i64: self.u64(offset)
        }
    }

    func set(pointer value: UInt64, at offset: Int, _ addressType: AddressType) {
        switch addressType {
        case .i32: self.set(u32: UInt32(truncatingIfNeeded: value), at: offset)
        case .i64: self.set(u64: value, at: offset)
        }
    }

    @inlinable
    package func set(u8 value: UInt8, at offset: Int) { self.store(value, at: offset) }
    @inlinable
    package func set(u16 value: UInt16, at offset: Int) { self.store(value, at: offset) }
    @inlinable
    package func set(u32 value: UInt32, at offset: Int) { self.store(value, at: offset) }
    @inlinable
    package func set(u64 value: UInt64, at offset: Int) { self.store(value, at: offset) }
    @inlinable
    package func set(f32 value: Float, at offset: Int) { self.store(value.bitPattern, at: offset) }
    @inlinable
    package func set(f64 value: Double, at offset: Int) { self.store(value.bitPattern, at: offset) }
}

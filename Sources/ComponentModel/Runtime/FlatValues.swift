import WasmEngine

/// Slots of flat core values, as a core function takes and returns them.
package struct FlatValues: ~Copyable {
    private let base: UnsafeMutableRawPointer?

    init(_ slots: UnsafeMutableBufferPointer<RawValue>) {
        self.base = UnsafeMutableRawPointer(slots.baseAddress)
    }

    package func i32(_ index: Int) -> UInt32 { self.base?.load(fromByteOffset: index * 16, as: UInt32.self) ?? 0 }
    package func i64(_ index: Int) -> UInt64 { self.base?.load(fromByteOffset: index * 16, as: UInt64.self) ?? 0 }

    /// A pointer or length.
    func pointer(_ index: Int, _ addressType: AddressType) -> UInt64 {
        self.base.map { addressType.load($0, slot: index) } ?? 0
    }

    package func set(i32 value: UInt32, at index: Int) {
        self.base?.storeBytes(of: value, toByteOffset: index * 16, as: UInt32.self)
    }

    package func set(i64 value: UInt64, at index: Int) {
        self.base?.storeBytes(of: value, toByteOffset: index * 16, as: UInt64.self)
    }
}

extension AddressType {
    /// A pointer or length in a slot of flat values: of a 32-bit one the engine leaves the slot's upper half as it was.
    @inline(__always)
    func load(_ slots: UnsafeMutableRawPointer, slot index: Int) -> UInt64 {
        switch self {
        case .i32: UInt64(slots.load(fromByteOffset: index &* 16, as: UInt32.self))
        case .i64: slots.load(fromByteOffset: index &* 16, as: UInt64.self)
        }
    }
}

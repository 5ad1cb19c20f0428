import WasmEngine

/// Slots of flat core values, as a core function takes and returns them.
package struct FlatValues: ~Copyable {
    private let base: UnsafeMutableRawPointer?

    init(_ slots: UnsafeMutableBufferPointer<RawValue>) {
        self.base = UnsafeMutableRawPointer(slots.baseAddress)
    }

    package func i32(_ index: Int) -> UInt32 { self.base?.load(fromByteOffset: index * 16, as: UInt32.self) ?? 0 }
    package func i64(_ index: Int) -> UInt64 { self.base?.load(fromByteOffset: index * 16, as: UInt64.self) ?? 0 }

    package func set(i32 value: UInt32, at index: Int) {
        self.base?.storeBytes(of: value, toByteOffset: index * 16, as: UInt32.self)
    }

    package func set(i64 value: UInt64, at index: Int) {
        self.base?.storeBytes(of: value, toByteOffset: index * 16, as: UInt64.self)
    }
}

/// How a linear memory is addressed: all that a pointer's width decides in the Canonical ABI is asked of this.
///
/// Pointers, lengths of text and counts of lists have this width, in core values and in memory alike.
/// Source: Component Model, `CanonicalABI.md`, "Canonical ABI options" (`addrtype`, with 🐘).
package enum AddressType: Hashable, Sendable {
    case i32
    case i64

    /// The core type of a pointer.
    package var coreType: CoreType { self == .i64 ? .i64 : .i32 }

    /// Bits of a pointer.
    var bitCount: Int { 8 * self.byteCount }

    /// Bytes of a pointer in memory.
    package var byteCount: Int { self == .i64 ? 8 : 4 }

    /// Text or a list, as it lies in memory.
    package var pointerAndLength: Layout { Layout(size: 2 * self.byteCount, alignment: self.byteCount) }

    /// Set in a length of `latin1+utf16` that counts UTF-16 code units.
    package var utf16Tag: UInt64 { self == .i64 ? 1 << 63 : 1 << 31 }

    /// The type of a `realloc` function.
    var realloc: CoreFunctionType {
        CoreFunctionType(Array(repeating: self.coreType, count: 4), [self.coreType])
    }
}

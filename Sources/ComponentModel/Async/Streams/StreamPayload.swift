/// What a stream or future carries, as one built-in or one type sees it.
@usableFromInline
package final class StreamPayload: Sendable {
    /// How items get from one guest to another.
    enum Transfer {
        /// Nothing to move: a stream without a type.
        case nothing
        /// One copy of memory: numbers without gaps between them.
        case memory
        /// Each item is lifted and lowered.
        case values
    }

    let type: ValueType?
    private let interned: PayloadNumber
    let layout: Layout
    /// Whether items hold text or lists.
    let containsPointers: Bool
    let transfer: Transfer
    /// Whether one component instance may hold both ends while they move items.
    let allowsSameInstance: Bool

    /// - Parameter signature: the type in canonical text; empty for none.
    init(_ type: ValueType?, signature: String, _ addressType: AddressType) {
        self.type = type
        self.interned = PayloadNumber.of(signature)
        self.layout = type?.layout(addressType) ?? Layout(size: 0, alignment: 1)
        self.containsPointers = type?.needsMemory ?? false
        if let type {
            self.transfer = type.isPlain ? .memory : .values
            self.allowsSameInstance = type.isNumber
        } else {
            self.transfer = .nothing
            self.allowsSameInstance = true
        }
    }

    /// The same for the same type everywhere in the process; see ``PayloadNumber``.
    var number: UInt32 { self.interned.value }

    static let nothing: UInt32 = 0
    static let byte: UInt32 = 1
}

extension ValueType {
    fileprivate var isNumber: Bool {
        switch self {
        case .s8, .u8, .s16, .u16, .s32, .u32, .s64, .u64, .f32, .f64: true
        default: false
        }
    }
}

import Synchronization

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
    /// The same for the same type everywhere in the process; see ``number(of:)``.
    let number: UInt32
    let layout: Layout
    let transfer: Transfer
    /// Whether one component instance may hold both ends while they move items.
    let allowsSameInstance: Bool

    /// - Parameter signature: the type in canonical text; empty for none.
    init(_ type: ValueType?, signature: String) {
        self.type = type
        self.number = Self.number(of: signature)
        self.layout = type?.layout ?? Layout(size: 0, alignment: 1)
        if let type {
            self.transfer = type.isGaplessNumbers ? .memory : .values
            self.allowsSameInstance = type.isNumber
        } else {
            self.transfer = .nothing
            self.allowsSameInstance = true
        }
    }

    // MARK: Numbers

    static let nothing: UInt32 = 0
    static let byte: UInt32 = 1

    private static let interned = Mutex<[String: UInt32]>(["": nothing, "u8": byte])

    /// A number for a payload's canonical text; empty for a stream without a type.
    @usableFromInline
    package static func number(of signature: String) -> UInt32 {
        self.interned.withLock { numbers in
            if let number = numbers[signature] { return number }
            let number = UInt32(truncatingIfNeeded: numbers.count)
            numbers[signature] = number
            return number
        }
    }

    /// - Parameter resourceNames: of the plan that the type is from.
    static func number(of type: ValueType?, resourceNames: @autoclosure () -> [String]) -> UInt32 {
        switch type {
        case nil: return Self.nothing
        case .u8: return Self.byte
        case let type?:
            var writer = SignatureWriter(resourceNames: resourceNames())
            writer.write(type)
            return Self.number(of: writer.text)
        }
    }
}

extension ValueType {
    fileprivate var isNumber: Bool {
        switch self {
        case .s8, .u8, .s16, .u16, .s32, .u32, .s64, .u64, .f32, .f64: true
        default: false
        }
    }

    /// Whether all bytes of a value are bytes of numbers: any bytes are a valid value, and none is padding, which would
    /// tell the receiver what the sender's memory held before.
    fileprivate var isGaplessNumbers: Bool {
        switch self {
        case .tuple(let types): Self.areGapless(types, in: self.layout)
        case .record(let fields): Self.areGapless(fields.map(\.type), in: self.layout)
        case .fixedList(let element, _): element.isGaplessNumbers
        default: self.isNumber
        }
    }

    private static func areGapless(_ types: [ValueType], in layout: Layout) -> Bool {
        types.allSatisfy(\.isGaplessNumbers) && types.reduce(0) { $0 + $1.layout.size } == layout.size
    }
}

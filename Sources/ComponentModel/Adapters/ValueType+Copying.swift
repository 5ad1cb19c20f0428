/// What a type says of how its values are copied.
extension ValueType {
    var containsBorrow: Bool {
        self.contains {
            guard case .borrow = $0 else { return false }
            return true
        }
    }

    /// Whether passing a value may call the receiver's allocator.
    var needsMemory: Bool {
        self.contains {
            switch $0 {
            case .string, .list: true
            default: false
            }
        }
    }

    private func contains(_ predicate: (ValueType) -> Bool) -> Bool {
        if predicate(self) { return true }
        switch self {
        case .list(let element), .fixedList(let element, _), .option(let element): return element.contains(predicate)
        case .record(let fields): return fields.contains { $0.type.contains(predicate) }
        case .tuple(let types): return types.contains { $0.contains(predicate) }
        case .variant(let cases): return cases.contains { $0.type?.contains(predicate) ?? false }
        case .result(let ok, let error):
            return ok?.contains(predicate) ?? false || error?.contains(predicate) ?? false
        default: return false
        }
    }

    /// Whether every bit pattern is a value, and a value has no gaps, which would tell the receiver what the sender's
    /// memory held before: such values are copied in bulk.
    var isPlain: Bool {
        switch self {
        case .s8, .u8, .s16, .u16, .s32, .u32, .s64, .u64, .f32, .f64: true
        case .fixedList(let element, _): element.isPlain
        case .record(let fields): ValueType.isPlain(fields.map(\.type), in: self)
        case .tuple(let types): ValueType.isPlain(types, in: self)
        default: false
        }
    }

    /// Values without pointers lie in all memories alike.
    private static func isPlain(_ parts: [ValueType], in whole: ValueType) -> Bool {
        parts.allSatisfy(\.isPlain) && parts.reduce(0) { $0 + $1.layout(.i32).size } == whole.layout(.i32).size
    }
}

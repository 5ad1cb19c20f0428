import WasmEngine

/// Values of core WebAssembly as scripts write them, and the patterns that results are compared with.
enum CoreConstant {
    /// What a result must be.
    indirect enum Pattern: CustomStringConvertible {
        case exactly(CoreValue)
        /// A NaN with only the top bit of its fraction set, or with at least that.
        case nan(ValueKind, canonical: Bool)
        case vector(lanes: [Pattern], width: Int)
        case notNull(ValueKind?)
        case null
        case either([Pattern])

        func matches(_ value: CoreValue) -> Bool {
            switch self {
            case .exactly(let expected): return value == expected
            case .nan(.f32, let canonical):
                let bits = UInt32(truncatingIfNeeded: value.low) & 0x7FFF_FFFF
                return value.kind == .f32 && (canonical ? bits == 0x7FC0_0000 : bits >= 0x7FC0_0000)
            case .nan(_, let canonical):
                let bits = value.low & 0x7FFF_FFFF_FFFF_FFFF
                return value.kind == .f64
                    && (canonical ? bits == 0x7FF8_0000_0000_0000 : bits >= 0x7FF8_0000_0000_0000)
            case .vector(let lanes, let width):
                guard value.kind == .v128 else { return false }
                return lanes.enumerated().allSatisfy { index, lane in
                    let bit = index * width
                    let word = bit < 64 ? value.low : value.high
                    let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
                    let bits = word >> UInt64(bit % 64) & mask
                    return lane.matches(CoreValue(lane.laneKind, low: bits))
                }
            case .notNull(let kind): return (kind == nil || kind == value.kind) && value.low != 0
            case .null: return (value.kind == .funcref || value.kind == .externref) && value.low == 0
            case .either(let patterns): return patterns.contains { $0.matches(value) }
            }
        }

        /// The type that a lane is compared as.
        private var laneKind: ValueKind {
            switch self {
            case .exactly(let value): value.kind
            case .nan(let kind, _): kind
            default: .i64
            }
        }

        var description: String {
            switch self {
            case .exactly(let value): "\(value)"
            case .nan(let kind, let canonical): "\(kind) nan:\(canonical ? "canonical" : "arithmetic")"
            case .vector(let lanes, _): "v128 \(lanes.map(\.description).joined(separator: " "))"
            case .notNull(let kind): "\(kind.map { "\($0)" } ?? "reference") not null"
            case .null: "null"
            case .either(let patterns): patterns.map(\.description).joined(separator: " or ")
            }
        }
    }

    static func value(_ form: Form) throws(RunFailure) -> CoreValue {
        switch try self.pattern(form) {
        case .exactly(let value): return value
        case .null:
            switch form.members?.dropFirst().first?.atom {
            case "func", "nofunc": return CoreValue(.funcref, low: 0)
            case "extern", "noextern": return CoreValue(.externref, low: 0)
            default: throw .runner("pass a null of this type")
            }
        case .vector(let lanes, let width):
            var words: (UInt64, UInt64) = (0, 0)
            for (index, lane) in lanes.enumerated() {
                guard case .exactly(let value) = lane else { throw .script("a pattern is no argument") }
                let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
                let bits = (value.low & mask) << UInt64(index * width % 64)
                if index * width < 64 { words.0 |= bits } else { words.1 |= bits }
            }
            return CoreValue(.v128, low: words.0, high: words.1)
        case .notNull: throw .runner("pass references of the host")
        case .nan, .either: throw .script("a pattern is no argument")
        }
    }

    static func pattern(_ form: Form) throws(RunFailure) -> Pattern {
        guard let members = form.members, let keyword = form.keyword else {
            throw .script("a value in parentheses is expected")
        }
        let first = members.dropFirst().first?.atom ?? ""
        switch keyword {
        case "i32.const": return .exactly(CoreValue(.i32, low: UInt64(try Numbers.integer(first) as UInt32)))
        case "i64.const": return .exactly(CoreValue(.i64, low: try Numbers.integer(first)))
        case "f32.const": return try self.float(first, .f32)
        case "f64.const": return try self.float(first, .f64)
        case "v128.const": return try self.vector(members)
        case "ref.null": return .null
        case "ref.func": return .notNull(.funcref)
        case "ref.extern", "ref.host":
            if keyword == "ref.extern", members.count == 1 { return .notNull(.externref) }
            throw .runner("compare references of the host")
        case "either":
            var patterns: [Pattern] = []
            for form in members.dropFirst() { patterns.append(try self.pattern(form)) }
            return .either(patterns)
        default:
            if keyword.hasPrefix("ref.") { throw .runner("compare references of type \(keyword)") }
            throw .script("'\(keyword)' is no value of core WebAssembly")
        }
    }

    private static func float(_ text: String, _ kind: ValueKind) throws(RunFailure) -> Pattern {
        if text == "nan:canonical" || text == "nan:arithmetic" { return .nan(kind, canonical: text == "nan:canonical") }
        let bits = kind == .f32 ? UInt64(try Numbers.float32(text)) : try Numbers.float64(text)
        return .exactly(CoreValue(kind, low: bits))
    }

    private static func vector(_ members: [Form]) throws(RunFailure) -> Pattern {
        let shapes: [String: (width: Int, count: Int)] = [
            "i8x16": (8, 16), "i16x8": (16, 8), "i32x4": (32, 4), "i64x2": (64, 2), "f32x4": (32, 4), "f64x2": (64, 2),
        ]
        guard members.count > 1, let name = members[1].atom, let shape = shapes[name],
            members.count == shape.count + 2
        else { throw .script("a v128.const has a shape and its lanes") }
        var lanes: [Pattern] = []
        for lane in members.dropFirst(2) {
            let text = lane.atom ?? ""
            switch name {
            case "i8x16": lanes.append(.exactly(CoreValue(.i64, low: UInt64(try Numbers.integer(text) as UInt8))))
            case "i16x8": lanes.append(.exactly(CoreValue(.i64, low: UInt64(try Numbers.integer(text) as UInt16))))
            case "i32x4": lanes.append(.exactly(CoreValue(.i64, low: UInt64(try Numbers.integer(text) as UInt32))))
            case "i64x2": lanes.append(.exactly(CoreValue(.i64, low: try Numbers.integer(text))))
            default: lanes.append(try self.float(text, name == "f32x4" ? .f32 : .f64))
            }
        }
        return .vector(lanes: lanes, width: shape.width)
    }
}

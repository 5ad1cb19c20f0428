/// A component value type, expanded: no indices, resources by identity.
package indirect enum ValueType: Hashable, Sendable {
    case bool
    case s8
    case u8
    case s16
    case u16
    case s32
    case u32
    case s64
    case u64
    case f32
    case f64
    case char
    case string
    case list(ValueType)
    case fixedList(ValueType, Int)
    case record([Field])
    case variant([Case])
    case tuple([ValueType])
    case flags([String])
    case `enum`([String])
    case option(ValueType)
    case result(ok: ValueType?, error: ValueType?)
    case own(ResourceID)
    case borrow(ResourceID)
    case stream(ValueType?)
    case future(ValueType?)
    case errorContext

    package struct Field: Hashable, Sendable {
        package let name: String
        package let type: ValueType

        package init(_ name: String, _ type: ValueType) {
            self.name = name
            self.type = type
        }
    }

    package struct Case: Hashable, Sendable {
        package let name: String
        package let type: ValueType?

        package init(_ name: String, _ type: ValueType? = nil) {
            self.name = name
            self.type = type
        }
    }
}

/// Identity of a resource type: an index into `ComponentPlan.resources`.
package struct ResourceID: Hashable, Sendable {
    package let index: Int

    package init(_ index: Int) {
        self.index = index
    }
}

extension ValueType {
    /// Whether a value holds text, whose encoding the caller chooses.
    var containsStrings: Bool {
        switch self {
        case .string: true
        case .bool, .s8, .u8, .s16, .u16, .s32, .u32, .s64, .u64, .f32, .f64, .char: false
        case .flags, .enum, .own, .borrow, .errorContext: false
        case .list(let element), .fixedList(let element, _), .option(let element): element.containsStrings
        case .stream(let element), .future(let element): element?.containsStrings ?? false
        case .record(let fields): fields.contains { $0.type.containsStrings }
        case .variant(let cases): cases.contains { $0.type?.containsStrings ?? false }
        case .tuple(let types): types.contains(where: \.containsStrings)
        case .result(let ok, let error): ok?.containsStrings ?? false || error?.containsStrings ?? false
        }
    }
}

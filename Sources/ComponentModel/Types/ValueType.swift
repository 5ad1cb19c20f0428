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

/// The core value types that the Canonical ABI uses.
package enum CoreType: UInt8, Hashable, Sendable {
    case i32 = 0x7f
    case i64 = 0x7e
    case f32 = 0x7d
    case f64 = 0x7c
}

/// Type of a core function whose values are all numbers.
package struct CoreFunctionType: Hashable, Sendable, CustomStringConvertible {
    package var parameters: [CoreType]
    package var results: [CoreType]

    package init(_ parameters: [CoreType], _ results: [CoreType] = []) {
        self.parameters = parameters
        self.results = results
    }

    package var description: String {
        func list(_ types: [CoreType]) -> String { types.map { "\($0)" }.joined(separator: ", ") }
        return "(\(list(self.parameters))) -> (\(list(self.results)))"
    }

    static let resourceNew = CoreFunctionType([.i32], [.i32])
    static let resourceRep = CoreFunctionType([.i32], [.i32])
    static let resourceDrop = CoreFunctionType([.i32])
}

/// Bounds of what the Canonical ABI passes as core values (CanonicalABI.md, "Flattening").
package enum Flattening {
    package static let maximumParameters = 16
    package static let maximumResults = 1
    /// Of a function lowered with the option `async`.
    package static let maximumAsyncParameters = 4
}

extension ValueType {
    /// The core types that a value is passed as, or `nil` if they are more than `limit`.
    package func flatTypes(_ addressType: AddressType, limit: Int = Flattening.maximumParameters) -> [CoreType]? {
        var types: [CoreType] = []
        return self.flatten(addressType, into: &types, limit: limit) ? types : nil
    }

    /// Appends the flat types; false as soon as there are more than `limit`.
    func flatten(_ addressType: AddressType, into types: inout [CoreType], limit: Int) -> Bool {
        switch self {
        case .bool, .s8, .u8, .s16, .u16, .s32, .u32, .char, .flags, .enum, .own, .borrow, .stream, .future,
            .errorContext:
            types.append(.i32)
        case .s64, .u64: types.append(.i64)
        case .f32: types.append(.f32)
        case .f64: types.append(.f64)
        case .string, .list:
            types.append(addressType.coreType)
            types.append(addressType.coreType)
        case .fixedList(let element, let count):
            for _ in 0..<count {
                guard element.flatten(addressType, into: &types, limit: limit) else { return false }
            }
        case .record(let fields):
            for field in fields {
                guard field.type.flatten(addressType, into: &types, limit: limit) else { return false }
            }
        case .tuple(let elements):
            for element in elements {
                guard element.flatten(addressType, into: &types, limit: limit) else { return false }
            }
        case .variant(let cases):
            return ValueType.flatten(variant: cases.lazy.compactMap(\.type), addressType, into: &types, limit: limit)
        case .option(let type):
            return ValueType.flatten(variant: CollectionOfOne(type), addressType, into: &types, limit: limit)
        case .result(let ok, let error):
            return ValueType.flatten(variant: [ok, error].compactMap { $0 }, addressType, into: &types, limit: limit)
        }
        return types.count <= limit
    }

    private static func flatten(
        variant payloads: some Sequence<ValueType>, _ addressType: AddressType, into types: inout [CoreType], limit: Int
    ) -> Bool {
        types.append(.i32)
        guard types.count <= limit else { return false }
        let start = types.count
        var payloadTypes: [CoreType] = []
        for payload in payloads {
            payloadTypes.removeAll(keepingCapacity: true)
            guard payload.flatten(addressType, into: &payloadTypes, limit: limit - start) else { return false }
            for (index, type) in payloadTypes.enumerated() {
                if start + index < types.count {
                    types[start + index] = CoreType.join(types[start + index], type)
                } else {
                    types.append(type)
                }
            }
        }
        return true
    }
}

extension CoreType {
    /// The core type that can carry the bits of either.
    package static func join(_ one: CoreType, _ other: CoreType) -> CoreType {
        if one == other { return one }
        switch (one, other) {
        case (.i32, .f32), (.f32, .i32): return .i32
        default: return .i64
        }
    }
}

/// Host to guest (CanonicalABI.md, "Storing" and "Flat Lowering").
extension ValueContext {
    // MARK: Flat

    func lowerFlat(_ value: ComponentValue, _ type: ValueType, _ slots: inout FlatSlots) throws {
        if let bits = try self.scalar(value, type) {
            slots.values.append(bits)
            return
        }
        switch (type, value) {
        case (.string, .string(let string)):
            let (pointer, length) = try self.lowerString(string)
            slots.values += [UInt64(pointer), UInt64(length)]
        case (.list(let element), .list(let values)):
            slots.values += [UInt64(try self.lowerList(values, element)), UInt64(values.count)]
        case (.fixedList(let element, let count), .list(let values)):
            guard values.count == count else { throw Self.wrongCount(values.count, count) }
            for (index, value) in values.enumerated() {
                try self.path("[\(index)]") { try self.lowerFlat(value, element, &slots) }
            }
        case (.record(let fields), .record(let values)):
            for (field, value) in try Self.matched(fields, values) {
                try self.path(".\(field.name)") { try self.lowerFlat(value, field.type, &slots) }
            }
        case (.tuple(let types), .tuple(let values)):
            guard values.count == types.count else { throw Self.wrongCount(values.count, types.count) }
            for (index, (type, value)) in zip(types, values).enumerated() {
                try self.path(".\(index)") { try self.lowerFlat(value, type, &slots) }
            }
        case (.variant, _), (.option, _), (.result, _):
            guard let cases = VariantCases(type) else { return }
            let (index, payload) = try cases.index(of: value, type: type)
            let end = slots.values.count + (type.flatTypes(limit: .max)?.count ?? 1)
            slots.values.append(UInt64(index))
            if let (type, payload) = try Self.payload(cases.payload(index), payload) {
                try self.lowerFlat(payload, type, &slots)
            }
            slots.values += [UInt64](repeating: 0, count: max(0, end - slots.values.count))
        default:
            throw Self.mismatch(value, type)
        }
    }

    // MARK: Memory

    /// The value goes to `pointer`, `type.layout` bytes, which lie in the memory and are aligned.
    func store(_ value: ComponentValue, _ type: ValueType, at pointer: UInt32) throws {
        let layout = type.layout
        if let bits = try self.scalar(value, type) {
            let view = try self.view(pointer, size: layout.size, alignment: layout.alignment)
            switch layout.size {
            case 1: view.set(u8: UInt8(truncatingIfNeeded: bits), at: 0)
            case 2: view.set(u16: UInt16(truncatingIfNeeded: bits), at: 0)
            case 4: view.set(u32: UInt32(truncatingIfNeeded: bits), at: 0)
            default: view.set(u64: bits, at: 0)
            }
            return
        }
        switch (type, value) {
        case (.string, .string(let string)):
            try self.storePair(try self.lowerString(string), at: pointer)
        case (.list(let element), .list(let values)):
            try self.storePair((try self.lowerList(values, element), UInt32(values.count)), at: pointer)
        case (.fixedList(let element, let count), .list(let values)):
            guard values.count == count else { throw Self.wrongCount(values.count, count) }
            try self.storeElements(values, element, at: pointer)
        case (.record(let fields), .record(let values)):
            let matched = try Self.matched(fields, values)
            try self.storeFields(
                matched.map { ($0.type, $1, ".\($0.name)") }, at: pointer)
        case (.tuple(let types), .tuple(let values)):
            guard values.count == types.count else { throw Self.wrongCount(values.count, types.count) }
            try self.storeFields(
                zip(types, values).enumerated().map { ($0.element.0, $0.element.1, ".\($0.offset)") }, at: pointer)
        case (.variant, _), (.option, _), (.result, _):
            guard let cases = VariantCases(type) else { return }
            let (index, payload) = try cases.index(of: value, type: type)
            let view = try self.view(pointer, size: layout.size, alignment: layout.alignment)
            switch Layout.discriminantSize(caseCount: cases.count) {
            case 1: view.set(u8: UInt8(truncatingIfNeeded: index), at: 0)
            case 2: view.set(u16: UInt16(truncatingIfNeeded: index), at: 0)
            default: view.set(u32: UInt32(truncatingIfNeeded: index), at: 0)
            }
            if let (payloadType, payload) = try Self.payload(cases.payload(index), payload) {
                try self.store(payload, payloadType, at: pointer + UInt32(type.payloadOffset))
            }
        default:
            throw Self.mismatch(value, type)
        }
    }

    func storeFields(_ fields: [(ValueType, ComponentValue, String)], at pointer: UInt32) throws {
        var offset = 0
        for (type, value, name) in fields {
            let layout = type.layout
            offset = Layout.align(offset, to: layout.alignment)
            try self.path(name) { try self.store(value, type, at: pointer + UInt32(offset)) }
            offset += layout.size
        }
    }

    private func storeElements(_ values: [ComponentValue], _ element: ValueType, at pointer: UInt32) throws {
        let size = element.layout.size
        for (index, value) in values.enumerated() {
            try self.path("[\(index)]") { try self.store(value, element, at: pointer + UInt32(index * size)) }
        }
    }

    private func storePair(_ pair: (UInt32, UInt32), at pointer: UInt32) throws {
        let view = try self.view(pointer, size: 8, alignment: 4)
        view.set(u32: pair.0, at: 0)
        view.set(u32: pair.1, at: 4)
    }

    private func lowerList(_ values: [ComponentValue], _ element: ValueType) throws -> UInt32 {
        let layout = element.layout
        let (size, overflows) = values.count.multipliedReportingOverflow(by: layout.size)
        guard !overflows, values.count <= Int(UInt32.max) else {
            throw HostLimitError("a list of \(values.count) elements does not fit a 32-bit memory")
        }
        let pointer = try self.allocate(size: size, alignment: layout.alignment)
        try self.storeElements(values, element, at: pointer)
        return pointer
    }

    // MARK: Scalars

    /// The bits of a value that is one number; `nil` when its type is none.
    private func scalar(_ value: ComponentValue, _ type: ValueType) throws -> UInt64? {
        switch (type, value) {
        case (.bool, .bool(let value)): return value ? 1 : 0
        case (.s8, .s8(let value)): return UInt64(UInt32(bitPattern: Int32(value)))
        case (.u8, .u8(let value)): return UInt64(value)
        case (.s16, .s16(let value)): return UInt64(UInt32(bitPattern: Int32(value)))
        case (.u16, .u16(let value)): return UInt64(value)
        case (.s32, .s32(let value)): return UInt64(UInt32(bitPattern: value))
        case (.u32, .u32(let value)): return UInt64(value)
        case (.s64, .s64(let value)): return UInt64(bitPattern: value)
        case (.u64, .u64(let value)): return value
        case (.f32, .f32(let value)): return UInt64(value.bitPattern)
        case (.f64, .f64(let value)): return value.bitPattern
        case (.char, .char(let value)): return UInt64(value.value)
        case (.flags(let labels), .flags(let set)):
            return try set.reduce(0) { bits, label in
                guard let index = labels.firstIndex(of: label) else {
                    throw ValueError("the flags have no \"\(label)\"")
                }
                return bits | 1 << UInt64(index)
            }
        case (.enum, _):
            guard let cases = VariantCases(type) else { return nil }
            return UInt64(try cases.index(of: value, type: type).0)
        case (.own(let id), .own(let resource)): return UInt64(try self.lowerOwn(resource, id))
        case (.borrow(let id), .borrow(let resource)), (.borrow(let id), .own(let resource)):
            return UInt64(try self.lowerBorrow(resource, id))
        case (.stream, _), (.future, _), (.errorContext, _): throw Self.asynchronous
        default: return nil
        }
    }

    // MARK: Errors

    private static func payload(_ type: ValueType?, _ value: ComponentValue?) throws -> (ValueType, ComponentValue)? {
        switch (type, value) {
        case (nil, nil): return nil
        case (let type?, let value?): return (type, value)
        case (nil, _?): throw ValueError("the case has no payload")
        case (let type?, nil): throw ValueError("the case has a payload, of \(type.kindName)")
        }
    }

    private static func matched(
        _ fields: [ValueType.Field], _ values: [ComponentValue.Field]
    ) throws -> [(ValueType.Field, ComponentValue)] {
        guard fields.count == values.count else { throw Self.wrongCount(values.count, fields.count) }
        return try fields.enumerated().map { index, field in
            if values[index].name == field.name { return (field, values[index].value) }
            guard let value = values.first(where: { $0.name == field.name }) else {
                throw ValueError("the field \"\(field.name)\" is missing")
            }
            return (field, value.value)
        }
    }

    private static func wrongCount(_ count: Int, _ expected: Int) -> ValueError {
        ValueError("\(expected) values are needed, \(count) are given")
    }

    private static func mismatch(_ value: ComponentValue, _ type: ValueType) -> ValueError {
        ValueError("a value of \(type.kindName) is needed, not of \(value.kindName)")
    }

    /// Adds a step to the path of a `ValueError` thrown inside.
    private func path(_ step: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ValueError {
            throw error.inside(step)
        }
    }
}

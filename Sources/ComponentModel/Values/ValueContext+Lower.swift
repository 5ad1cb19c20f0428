/// Host to guest (CanonicalABI.md, "Storing" and "Flat Lowering"). The values were checked to be of their types.
extension ValueContext {
    // MARK: Flat

    /// The flat parameters of a call of a function of that type.
    func lowerParameters(_ arguments: [ComponentValue], _ type: ComponentFunctionType) throws -> [UInt64] {
        guard type.flatParameters(self.addressType) != nil else {
            let layout = type.parametersLayout(self.addressType)
            let pointer = try self.allocate(size: layout.size, alignment: layout.alignment)
            try self.storeFields(zip(type.parameters.map(\.type), arguments), at: pointer)
            return [pointer]
        }
        var slots = FlatSlots()
        for (parameter, value) in zip(type.parameters, arguments) {
            try self.lowerFlat(value, parameter.type, &slots)
        }
        return slots.values
    }

    func lowerFlat(_ value: ComponentValue, _ type: ValueType, _ slots: inout FlatSlots) throws {
        if let bits = try self.scalar(value, type) {
            slots.values.append(bits)
            return
        }
        switch (type, value) {
        case (.string, .string(let string)):
            let (pointer, length) = try self.lowerString(string)
            slots.values += [pointer, length]
        case (.list(let element), .list(let values)):
            slots.values += [try self.lowerList(values, element), UInt64(values.count)]
        case (.fixedList(let element, _), .list(let values)):
            for value in values { try self.lowerFlat(value, element, &slots) }
        case (.record(let fields), .record(let values)):
            for (field, value) in zip(fields, values) { try self.lowerFlat(value.value, field.type, &slots) }
        case (.tuple(let types), .tuple(let values)):
            for (type, value) in zip(types, values) { try self.lowerFlat(value, type, &slots) }
        case (.variant, _), (.option, _), (.result, _):
            guard let cases = VariantCases(type), let (index, payload) = cases.find(value) else {
                throw Self.mismatch(value, type)
            }
            let end = slots.values.count + (type.flatTypes(self.addressType, limit: .max)?.count ?? 1)
            slots.values.append(UInt64(index))
            if let payload, let payloadType = cases.payload(index) {
                try self.lowerFlat(payload, payloadType, &slots)
            }
            slots.values += [UInt64](repeating: 0, count: max(0, end - slots.values.count))
        default:
            throw Self.mismatch(value, type)
        }
    }

    // MARK: Memory

    /// The value goes to `pointer`, as many bytes as its layout has, which lie in the memory and are aligned.
    func store(_ value: ComponentValue, _ type: ValueType, at pointer: UInt64) throws {
        if let bits = try self.scalar(value, type) {
            try self.store(bits, size: self.layout(type).size, at: pointer)
            return
        }
        switch (type, value) {
        case (.string, .string(let string)): try self.storePair(try self.lowerString(string), at: pointer)
        case (.list(let element), .list(let values)):
            try self.storePair((try self.lowerList(values, element), UInt64(values.count)), at: pointer)
        case (.fixedList(let element, _), .list(let values)): try self.storeElements(values, element, at: pointer)
        case (.record(let fields), .record(let values)):
            try self.storeFields(zip(fields.map(\.type), values.map(\.value)), at: pointer)
        case (.tuple(let types), .tuple(let values)): try self.storeFields(zip(types, values), at: pointer)
        case (.variant, _), (.option, _), (.result, _):
            guard let cases = VariantCases(type), let (index, payload) = cases.find(value) else {
                throw Self.mismatch(value, type)
            }
            try self.store(UInt64(index), size: Layout.discriminantSize(caseCount: cases.count), at: pointer)
            if let payload, let payloadType = cases.payload(index) {
                try self.store(payload, payloadType, at: pointer + UInt64(type.payloadOffset(self.addressType)))
            }
        default:
            throw Self.mismatch(value, type)
        }
    }

    func storeFields(_ fields: some Sequence<(ValueType, ComponentValue)>, at pointer: UInt64) throws {
        var offset = 0
        for (type, value) in fields {
            let layout = self.layout(type)
            offset = Layout.align(offset, to: layout.alignment)
            try self.store(value, type, at: pointer + UInt64(offset))
            offset += layout.size
        }
    }

    private func storeElements(_ values: [ComponentValue], _ element: ValueType, at pointer: UInt64) throws {
        let size = self.layout(element).size
        for (index, value) in values.enumerated() {
            try self.store(value, element, at: pointer + UInt64(index * size))
        }
    }

    func storePair(_ pair: (UInt64, UInt64), at pointer: UInt64) throws {
        let view = try self.view(pointer, self.addressType.pointerAndLength)
        view.set(pointer: pair.0, at: 0, self.addressType)
        view.set(pointer: pair.1, at: self.addressType.byteCount, self.addressType)
    }

    private func store(_ bits: UInt64, size: Int, at pointer: UInt64) throws {
        let view = try self.view(pointer, size: size, alignment: size)
        switch size {
        case 1: view.set(u8: UInt8(truncatingIfNeeded: bits), at: 0)
        case 2: view.set(u16: UInt16(truncatingIfNeeded: bits), at: 0)
        case 4: view.set(u32: UInt32(truncatingIfNeeded: bits), at: 0)
        default: view.set(u64: bits, at: 0)
        }
    }

    private func lowerList(_ values: [ComponentValue], _ element: ValueType) throws -> UInt64 {
        let layout = self.layout(element)
        let (size, overflows) = values.count.multipliedReportingOverflow(by: layout.size)
        guard !overflows, values.count <= Int(UInt32.max) else {
            throw HostLimitError("a list of \(values.count) elements does not fit a memory")
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
            return set.reduce(0) { bits, label in
                labels.firstIndex(of: label).map { bits | 1 << UInt64($0) } ?? bits
            }
        case (.enum, _): return VariantCases(type)?.find(value).map { UInt64($0.0) }
        case (.own(let id), .own(let resource)): return UInt64(try self.lowerOwn(resource, id))
        case (.borrow(let id), .borrow(let resource)), (.borrow(let id), .own(let resource)):
            return UInt64(try self.lowerBorrow(resource, id))
        case (.stream(let element), .stream(let end)), (.future(let element), .future(let end)):
            return UInt64(try self.lowerEnd(end, element))
        case (.errorContext, .errorContext(let error)):
            return UInt64(
                try self.instance.insert(
                    error, kind: AsyncHandle.errorContext, componentInstance: self.componentInstance))
        default: return nil
        }
    }

    private static func mismatch(_ value: ComponentValue, _ type: ValueType) -> ValueError {
        ValueError("a value of \(type.kindName) is needed, not of \(value.kindName)")
    }
}

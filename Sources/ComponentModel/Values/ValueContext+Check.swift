/// Whether values are of the types that a function asks for.
extension ValueContext {
    /// - Parameter path: where the value is, for the error.
    func check(_ value: ComponentValue, _ type: ValueType, at path: String) throws {
        switch (type, value) {
        case (.bool, .bool), (.s8, .s8), (.u8, .u8), (.s16, .s16), (.u16, .u16), (.s32, .s32), (.u32, .u32),
            (.s64, .s64), (.u64, .u64), (.f32, .f32), (.f64, .f64), (.char, .char), (.string, .string):
            return
        case (.list(let element), .list(let values)):
            for (index, value) in values.enumerated() { try self.check(value, element, at: "\(path)[\(index)]") }
        case (.fixedList(let element, let count), .list(let values)):
            try self.check(count: values.count, count, at: path)
            for (index, value) in values.enumerated() { try self.check(value, element, at: "\(path)[\(index)]") }
        case (.tuple(let types), .tuple(let values)):
            try self.check(count: values.count, types.count, at: path)
            for (index, (type, value)) in zip(types, values).enumerated() {
                try self.check(value, type, at: "\(path).\(index)")
            }
        case (.record(let fields), .record(let values)):
            try self.check(count: values.count, fields.count, at: path)
            for (index, field) in fields.enumerated() {
                guard values[index].name == field.name else {
                    throw ValueError(
                        "the field \"\(field.name)\" is needed here, not \"\(values[index].name)\"", at: path)
                }
                try self.check(values[index].value, field.type, at: "\(path).\(field.name)")
            }
        case (.flags(let labels), .flags(let set)):
            for label in set where !labels.contains(label) {
                throw ValueError("the flags have no \"\(label)\"", at: path)
            }
        case (.own(let id), .own(let resource)): try self.check(resource, id, isGiven: true, at: path)
        case (.borrow(let id), .borrow(let resource)), (.borrow(let id), .own(let resource)):
            try self.check(resource, id, isGiven: false, at: path)
        case (.errorContext, .errorContext): return
        case (.stream(let element), .stream(let end)), (.future(let element), .future(let end)):
            try self.check(end, element, at: path)
        case (.variant, _), (.enum, _), (.option, _), (.result, _): try self.checkCase(value, type, at: path)
        default: throw ValueError("a value of \(type.kindName) is needed, not of \(value.kindName)", at: path)
        }
    }

    private func checkCase(_ value: ComponentValue, _ type: ValueType, at path: String) throws {
        guard let cases = VariantCases(type), let (index, payload) = cases.find(value) else {
            throw ValueError("\(value.kindName) \(value) is no case of the \(type.kindName)", at: path)
        }
        switch (cases.payload(index), payload) {
        case (nil, nil): return
        case (let type?, let value?): try self.check(value, type, at: "\(path).\(cases.name(index))")
        case (nil, _?): throw ValueError("the case \"\(cases.name(index))\" has no payload", at: path)
        case (let type?, nil):
            throw ValueError("the case \"\(cases.name(index))\" has a payload, of \(type.kindName)", at: path)
        }
    }

    private func check(count: Int, _ expected: Int, at path: String) throws {
        guard count == expected else {
            throw ValueError("\(expected) values are needed, \(count) are given", at: path)
        }
    }
}

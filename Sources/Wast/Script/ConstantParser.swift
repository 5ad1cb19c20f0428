import ComponentModel

/// Values of components as scripts write them: `(u32.const 1)`, `(record.const (field "a" (str.const "b")))`.
enum ConstantParser {
    static func value(_ form: Form) throws(RunFailure) -> ComponentValue {
        guard let members = form.members else { throw .script("a value in parentheses is expected") }
        return try self.value(members[...])
    }

    /// A value whose parentheses are left out, as fields and payloads may, or one that stands in them.
    private static func value(_ members: ArraySlice<Form>) throws(RunFailure) -> ComponentValue {
        if members.count == 1, let form = members.first, form.members != nil { return try self.value(form) }
        guard let keyword = members.first?.atom else { throw .script("a value is expected") }
        let rest = members.dropFirst()
        switch keyword {
        case "bool.const":
            guard let atom = rest.first?.atom, let value = Bool(atom) else {
                throw .script("bool.const needs true or false")
            }
            return .bool(value)
        case "s8.const": return .s8(try self.integer(rest))
        case "u8.const": return .u8(try self.integer(rest))
        case "s16.const": return .s16(try self.integer(rest))
        case "u16.const": return .u16(try self.integer(rest))
        case "s32.const": return .s32(try self.integer(rest))
        case "u32.const": return .u32(try self.integer(rest))
        case "s64.const": return .s64(try self.integer(rest))
        case "u64.const": return .u64(try self.integer(rest))
        case "f32.const":
            return .f32(Float(bitPattern: try Numbers.float32(self.atom(rest))))
        case "f64.const":
            return .f64(Double(bitPattern: try Numbers.float64(self.atom(rest))))
        case "char.const":
            let scalars = try self.string(rest).unicodeScalars
            guard let scalar = scalars.first, scalars.count == 1 else {
                throw .script("char.const needs one character")
            }
            return .char(scalar)
        case "str.const": return .string(try self.string(rest))
        case "list.const": return .list(try self.values(rest))
        case "tuple.const": return .tuple(try self.values(rest))
        case "record.const": return .record(try self.fields(rest))
        case "variant.const": return .variant(try self.string(rest), try self.payload(rest.dropFirst()))
        case "enum.const": return .enum(try self.string(rest))
        case "option.none": return .option(nil)
        case "option.some": return .option(try self.payload(rest))
        case "result.ok": return .result(ok: try self.payload(rest))
        case "result.err": return .failure(try self.payload(rest))
        case "flags.const":
            var labels: [String] = []
            for form in rest {
                guard let label = form.text else { throw .script("flags.const needs strings") }
                labels.append(label)
            }
            return .flags(labels)
        default: throw .script("'\(keyword)' is no value of a component")
        }
    }

    private static func values(_ forms: ArraySlice<Form>) throws(RunFailure) -> [ComponentValue] {
        var values: [ComponentValue] = []
        for form in forms { values.append(try self.value(form)) }
        return values
    }

    private static func fields(_ forms: ArraySlice<Form>) throws(RunFailure) -> [ComponentValue.Field] {
        var fields: [ComponentValue.Field] = []
        for form in forms {
            guard form.keyword == "field", let members = form.members, members.count >= 3, let name = members[1].text
            else { throw .script("a record has (field \"name\" value)") }
            fields.append(.init(name, try self.value(members[2...])))
        }
        return fields
    }

    private static func payload(_ forms: ArraySlice<Form>) throws(RunFailure) -> ComponentValue? {
        forms.isEmpty ? nil : try self.value(forms)
    }

    private static func atom(_ forms: ArraySlice<Form>) throws(RunFailure) -> String {
        guard let atom = forms.first?.atom else { throw .script("a number is expected") }
        return atom
    }

    private static func string(_ forms: ArraySlice<Form>) throws(RunFailure) -> String {
        guard let text = forms.first?.text else { throw .script("a string is expected") }
        return text
    }

    private static func integer<T: FixedWidthInteger>(_ forms: ArraySlice<Form>) throws(RunFailure) -> T {
        try Numbers.integer(self.atom(forms))
    }
}

extension ComponentValue {
    /// Whether a result is what a script expects. Any NaN stands for every other: the Canonical ABI may change its bits.
    func matches(_ expected: ComponentValue) -> Bool {
        func all(_ one: [ComponentValue], _ other: [ComponentValue]) -> Bool {
            one.count == other.count && zip(one, other).allSatisfy { $0.matches($1) }
        }
        func payload(_ one: ComponentValue?, _ other: ComponentValue?) -> Bool {
            switch (one, other) {
            case (nil, nil): true
            case (let one?, let other?): one.matches(other)
            default: false
            }
        }
        switch (self, expected) {
        case (.f32(let one), .f32(let other)): return one.bitPattern == other.bitPattern || one.isNaN && other.isNaN
        case (.f64(let one), .f64(let other)): return one.bitPattern == other.bitPattern || one.isNaN && other.isNaN
        case (.list(let one), .list(let other)), (.tuple(let one), .tuple(let other)): return all(one, other)
        case (.record(let one), .record(let other)):
            return one.map(\.name) == other.map(\.name) && all(one.map(\.value), other.map(\.value))
        case (.variant(let one, let value), .variant(let other, let expected)):
            return one == other && payload(value, expected)
        case (.option(let one), .option(let other)), (.result(let one), .result(let other)),
            (.failure(let one), .failure(let other)):
            return payload(one, other)
        case (.flags(let one), .flags(let other)): return Set(one) == Set(other)
        default: return self == expected
        }
    }
}

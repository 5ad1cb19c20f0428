/// Type definitions (Binary.md, "Type Definitions").
extension ComponentParser {
    func type(_ reader: inout ByteReader, depth: Int) throws(ComponentError) -> TypeSyntax {
        let start = reader.offset
        guard let opcode = reader.peek() else { throw reader.malformed("unexpected end of file or section") }
        switch opcode {
        case 0x3f:
            try reader.skip(1)
            let representation = try reader.byte()
            guard representation == 0x7f else {
                guard representation == 0x7e else {
                    throw ComponentError(.malformed, "a resource is represented by i32 or i64", offset: start)
                }
                throw ComponentError(.unsupported, "a resource represented by i64", offset: start)
            }
            return .resource(destructor: try self.optional(&reader) { (r) throws(ComponentError) in try r.u32() })
        case 0x40, 0x43:
            try reader.skip(1)
            return .function(try self.functionType(&reader, isAsync: opcode == 0x43))
        case 0x41:
            try reader.skip(1)
            return .component(try self.declarations(&reader, allowsImports: true, depth: depth + 1))
        case 0x42:
            try reader.skip(1)
            return .instance(try self.declarations(&reader, allowsImports: false, depth: depth + 1))
        default:
            return .value(try self.definedType(&reader))
        }
    }

    private func optional<Value>(
        _ reader: inout ByteReader, _ value: (inout ByteReader) throws(ComponentError) -> Value
    ) throws(ComponentError) -> Value? {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return nil
        case 0x01: return try value(&reader)
        case let byte: throw ComponentError(.malformed, "unknown optional form \(byte)", offset: start)
        }
    }

    private func functionType(_ reader: inout ByteReader, isAsync: Bool) throws(ComponentError) -> FunctionTypeSyntax {
        let parameters = try self.labelledTypes(&reader, what: "parameter")
        let result = try self.resultList(&reader)
        return FunctionTypeSyntax(parameters: parameters, result: result, isAsync: isAsync)
    }

    func resultList(_ reader: inout ByteReader) throws(ComponentError) -> ValueTypeSyntax? {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return try self.valueType(&reader)
        case 0x01:
            guard try reader.byte() == 0x00 else {
                throw ComponentError(.unsupported, "functions with named results", offset: start)
            }
            return nil
        case let byte: throw ComponentError(.malformed, "unknown result form \(byte)", offset: start)
        }
    }

    private func labelledTypes(_ reader: inout ByteReader, what: String) throws(ComponentError) -> [LabelledTypeSyntax]
    {
        let start = reader.offset
        let types = try self.vector(&reader) { (reader) throws(ComponentError) -> LabelledTypeSyntax in
            let label = try self.label(&reader)
            return LabelledTypeSyntax(label: label, type: try self.valueType(&reader))
        }
        try self.checkUnique(types.map(\.label), what: what, at: start)
        return types
    }

    private func label(_ reader: inout ByteReader) throws(ComponentError) -> String {
        let start = reader.offset
        let label = try reader.name()
        guard Label.isValid(label[...]) else {
            throw ComponentError(
                .invalid, "'\(label)' is not a valid label: expected words-joined-by-hyphens", offset: start)
        }
        return label
    }

    private func labels(_ reader: inout ByteReader, what: String) throws(ComponentError) -> [String] {
        let start = reader.offset
        let labels = try self.vector(&reader) { (reader) throws(ComponentError) in try self.label(&reader) }
        try self.checkUnique(labels, what: what, at: start)
        return labels
    }

    /// Labels of one scope differ by more than case.
    private func checkUnique(_ labels: [String], what: String, at offset: Int) throws(ComponentError) {
        guard labels.count > 1 else { return }
        var seen = Set<String>(minimumCapacity: labels.count)
        for label in labels where !seen.insert(label.lowercased()).inserted {
            throw ComponentError(.invalid, "two \(what)s are named '\(label)'", offset: offset)
        }
    }

    func valueType(_ reader: inout ByteReader) throws(ComponentError) -> ValueTypeSyntax {
        let start = reader.offset
        guard let byte = reader.peek() else { throw reader.malformed("unexpected end of file or section") }
        if byte & 0xc0 == 0x40 {
            try reader.skip(1)
            guard let type = ComponentParser.primitive(byte) else {
                throw ComponentError(.malformed, "unknown primitive type \(byte)", offset: start)
            }
            return .primitive(type)
        }
        let index = try reader.signed(bits: 33)
        guard let index = UInt32(exactly: index) else {
            throw ComponentError(.malformed, "unknown value type", offset: start)
        }
        return .index(index)
    }

    private static func primitive(_ opcode: UInt8) -> ValueType? {
        switch opcode {
        case 0x7f: .bool
        case 0x7e: .s8
        case 0x7d: .u8
        case 0x7c: .s16
        case 0x7b: .u16
        case 0x7a: .s32
        case 0x79: .u32
        case 0x78: .s64
        case 0x77: .u64
        case 0x76: .f32
        case 0x75: .f64
        case 0x74: .char
        case 0x73: .string
        case 0x64: .errorContext
        default: nil
        }
    }

    private func definedType(_ reader: inout ByteReader) throws(ComponentError) -> DefinedTypeSyntax {
        let start = reader.offset
        let opcode = try reader.byte()
        if let type = ComponentParser.primitive(opcode) { return .primitive(type) }
        func nonEmpty<Element>(_ elements: [Element], _ what: String) throws(ComponentError) -> [Element] {
            guard !elements.isEmpty else { throw ComponentError(.invalid, "\(what) is empty", offset: start) }
            return elements
        }
        switch opcode {
        case 0x72: return .record(try nonEmpty(try self.labelledTypes(&reader, what: "field"), "record"))
        case 0x71: return .variant(try nonEmpty(try self.cases(&reader), "variant"))
        case 0x70: return .list(try self.valueType(&reader))
        case 0x67:
            let element = try self.valueType(&reader)
            let count = try reader.u32()
            guard count > 0 else { throw ComponentError(.invalid, "list of fixed length 0", offset: start) }
            return .fixedList(element, count: count)
        case 0x6f:
            let types = try self.vector(&reader) { (r) throws(ComponentError) in try self.valueType(&r) }
            return .tuple(try nonEmpty(types, "tuple"))
        case 0x6e:
            let labels = try nonEmpty(try self.labels(&reader, what: "flag"), "flags")
            guard labels.count <= 32 else { throw ComponentError(.invalid, "more than 32 flags", offset: start) }
            return .flags(labels)
        case 0x6d: return .enumeration(try nonEmpty(try self.labels(&reader, what: "enum case"), "enum"))
        case 0x6b: return .option(try self.valueType(&reader))
        case 0x6a:
            let ok = try self.optionalType(&reader)
            return .result(ok: ok, error: try self.optionalType(&reader))
        case 0x69: return .own(try reader.u32())
        case 0x68: return .borrow(try reader.u32())
        case 0x66: return .stream(try self.optionalType(&reader))
        case 0x65: return .future(try self.optionalType(&reader))
        case 0x63: throw ComponentError(.unsupported, "map types", offset: start)
        default: throw ComponentError(.malformed, "unknown type form \(opcode)", offset: start)
        }
    }

    private func optionalType(_ reader: inout ByteReader) throws(ComponentError) -> ValueTypeSyntax? {
        try self.optional(&reader) { (reader) throws(ComponentError) in try self.valueType(&reader) }
    }

    private func cases(_ reader: inout ByteReader) throws(ComponentError) -> [CaseSyntax] {
        let start = reader.offset
        let cases = try self.vector(&reader) { (reader) throws(ComponentError) -> CaseSyntax in
            let label = try self.label(&reader)
            let type = try self.optionalType(&reader)
            guard try reader.byte() == 0x00 else { throw reader.malformed("variant case refines another") }
            return CaseSyntax(label: label, type: type)
        }
        try self.checkUnique(cases.map(\.label), what: "case", at: start)
        return cases
    }

    // MARK: Component and instance types

    private func declarations(_ reader: inout ByteReader, allowsImports: Bool, depth: Int)
        throws(ComponentError) -> DeclarationsSyntax
    {
        guard depth < Limits.nesting else {
            throw ComponentError(.unsupported, "types nest deeper than \(Limits.nesting)", offset: reader.offset)
        }
        return DeclarationsSyntax(
            try self.vector(&reader) { (reader) throws(ComponentError) -> DeclarationsSyntax.Declaration in
                let start = reader.offset
                let kind: DeclarationsSyntax.Declaration.Kind
                switch try reader.byte() {
                case 0x00: kind = .coreTypes(try self.coreType(&reader, depth: depth))
                case 0x01:
                    let type = try self.type(&reader, depth: depth)
                    if case .resource = type {
                        throw ComponentError(.invalid, "a resource type is defined inside a type", offset: start)
                    }
                    kind = .type(type)
                case 0x02: kind = .alias(try self.alias(&reader))
                case 0x03 where allowsImports: kind = .import(try self.extern(&reader))
                case 0x04: kind = .export(try self.extern(&reader))
                case let byte: throw ComponentError(.malformed, "unknown declaration \(byte)", offset: start)
                }
                return DeclarationsSyntax.Declaration(offset: start, kind: kind)
            })
    }

    /// Reads a core type definition and says how many types it adds.
    func coreType(_ reader: inout ByteReader, depth: Int) throws(ComponentError) -> Int {
        guard depth < Limits.nesting else { throw reader.malformed("core types nest too deeply") }
        switch reader.peek() {
        case 0x50:
            try reader.skip(1)
            _ = try self.vector(&reader) { (reader) throws(ComponentError) -> Void in
                try self.moduleDeclaration(&reader, depth: depth + 1)
            }
            return 1
        case 0x00:
            try reader.skip(1)
            return try CoreTypeReader.skipRecursiveType(&reader)
        default:
            return try CoreTypeReader.skipRecursiveType(&reader)
        }
    }

    private func moduleDeclaration(_ reader: inout ByteReader, depth: Int) throws(ComponentError) {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00:
            _ = try reader.name()
            _ = try reader.name()
            _ = try CoreTypeReader.externType(&reader)
        case 0x01: _ = try self.coreType(&reader, depth: depth)
        case 0x02:
            try reader.skip(2)
            _ = try reader.u32()
            _ = try reader.u32()
        case 0x03:
            _ = try reader.name()
            _ = try CoreTypeReader.externType(&reader)
        case let byte: throw ComponentError(.malformed, "unknown module declaration \(byte)", offset: start)
        }
    }
}

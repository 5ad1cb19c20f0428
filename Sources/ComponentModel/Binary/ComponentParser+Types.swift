/// Type definitions (Binary.md, "Type Definitions").
extension ComponentParser {
    func type(_ reader: inout ByteReader, depth: Int) throws(ComponentError) -> TypeSyntax {
        let start = reader.offset
        guard let opcode = reader.peek() else { throw reader.malformed("unexpected end-of-file") }
        switch opcode {
        case 0x3f:
            try reader.skip(1)
            let representation = try reader.byte()
            guard representation == 0x7f else {
                guard representation == 0x7e else {
                    throw ComponentError(.malformed, "a resource is represented by i32 or i64", offset: start)
                }
                return .resource(representation: .i64, destructor: try self.optionalIndex(&reader))
            }
            return .resource(representation: .i32, destructor: try self.optionalIndex(&reader))
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

    private func optionalIndex(_ reader: inout ByteReader) throws(ComponentError) -> UInt32? {
        try self.optional(&reader) { (reader) throws(ComponentError) in try reader.u32() }
    }

    private func optional<Value>(
        _ reader: inout ByteReader, _ value: (inout ByteReader) throws(ComponentError) -> Value
    ) throws(ComponentError) -> Value? {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return nil
        case 0x01: return try value(&reader)
        default: throw invalidByte(reader, "optional component value type", at: start)
        }
    }

    private func functionType(_ reader: inout ByteReader, isAsync: Bool) throws(ComponentError) -> FunctionTypeSyntax {
        let parameters = try self.labelledTypes(&reader, what: "function parameter")
        let result = try self.resultList(&reader)
        return FunctionTypeSyntax(parameters: parameters, result: result, isAsync: isAsync)
    }

    func resultList(_ reader: inout ByteReader) throws(ComponentError) -> ValueTypeSyntax? {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return try self.valueType(&reader)
        case 0x01:
            guard try reader.byte() == 0x00 else { throw invalidByte(reader, "number of results", at: start + 1) }
            return nil
        default: throw invalidByte(reader, "component function results", at: start)
        }
    }

    private func labelledTypes(_ reader: inout ByteReader, what: String) throws(ComponentError) -> [LabelledTypeSyntax]
    {
        let start = reader.offset
        let types = try self.vector(&reader) { (reader) throws(ComponentError) -> LabelledTypeSyntax in
            let label = try self.label(&reader, what)
            return LabelledTypeSyntax(label: label, type: try self.valueType(&reader))
        }
        try self.checkUnique(types.map(\.label), what: what, at: start)
        return types
    }

    private func label(_ reader: inout ByteReader, _ what: String) throws(ComponentError) -> String {
        let start = reader.offset
        let label = try reader.name()
        guard !label.isEmpty else { throw ComponentError(.invalid, "\(what) name cannot be empty", offset: start) }
        guard Label.isValid(label[...]) else {
            throw ComponentError(.invalid, "\(what) name `\(label)` is not in kebab case", offset: start)
        }
        return label
    }

    private func labels(_ reader: inout ByteReader, what: String) throws(ComponentError) -> [String] {
        let start = reader.offset
        let labels = try self.vector(&reader) { (reader) throws(ComponentError) in try self.label(&reader, what) }
        try self.checkUnique(labels, what: what, at: start)
        return labels
    }

    /// Labels of one scope differ by more than case.
    private func checkUnique(_ labels: [String], what: String, at offset: Int) throws(ComponentError) {
        guard labels.count > 1 else { return }
        var seen: [String: String] = [:]
        seen.reserveCapacity(labels.count)
        for label in labels {
            guard let previous = seen.updateValue(label, forKey: label.lowercased()) else { continue }
            let noun = what.split(separator: " ").last ?? ""
            throw ComponentError(
                .invalid, "\(what) name `\(label)` conflicts with previous \(noun) name `\(previous)`", offset: offset)
        }
    }

    func valueType(_ reader: inout ByteReader) throws(ComponentError) -> ValueTypeSyntax {
        let start = reader.offset
        guard let byte = reader.peek() else { throw reader.malformed("unexpected end-of-file") }
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
        func nonEmpty<Element>(_ elements: [Element], _ rule: String) throws(ComponentError) -> [Element] {
            guard !elements.isEmpty else { throw ComponentError(.invalid, rule, offset: start) }
            return elements
        }
        switch opcode {
        case 0x72:
            return .record(
                try nonEmpty(
                    try self.labelledTypes(&reader, what: "record field"), "record type must have at least one field"))
        case 0x71: return .variant(try nonEmpty(try self.cases(&reader), "variant type must have at least one case"))
        case 0x70: return .list(try self.valueType(&reader))
        case 0x67:
            let element = try self.valueType(&reader)
            let count = try reader.u32()
            guard count > 0 else {
                throw ComponentError(.invalid, "fixed-length lists must have at least one element", offset: start)
            }
            return .fixedList(element, count: count)
        case 0x6f:
            let types = try self.vector(&reader) { (r) throws(ComponentError) in try self.valueType(&r) }
            return .tuple(try nonEmpty(types, "tuple type must have at least one type"))
        case 0x6e:
            let labels = try nonEmpty(try self.labels(&reader, what: "flag"), "flags must have at least one entry")
            guard labels.count <= 32 else {
                throw ComponentError(.invalid, "cannot have more than 32 flags", offset: start)
            }
            return .flags(labels)
        case 0x6d:
            return .enumeration(
                try nonEmpty(
                    try self.labels(&reader, what: "enum tag"), "enum type must have at least one variant"))
        case 0x6b: return .option(try self.valueType(&reader))
        case 0x6a:
            let ok = try self.optionalType(&reader)
            return .result(ok: ok, error: try self.optionalType(&reader))
        case 0x69: return .own(try reader.u32())
        case 0x68: return .borrow(try reader.u32())
        case 0x66: return .stream(try self.optionalType(&reader))
        case 0x65: return .future(try self.optionalType(&reader))
        case 0x63:
            let key = try self.valueType(&reader)
            return .map(key: key, value: try self.valueType(&reader))
        default: throw invalidByte(reader, "component defined type", at: start)
        }
    }

    private func optionalType(_ reader: inout ByteReader) throws(ComponentError) -> ValueTypeSyntax? {
        try self.optional(&reader) { (reader) throws(ComponentError) in try self.valueType(&reader) }
    }

    private func cases(_ reader: inout ByteReader) throws(ComponentError) -> [CaseSyntax] {
        let start = reader.offset
        let cases = try self.vector(&reader) { (reader) throws(ComponentError) -> CaseSyntax in
            let label = try self.label(&reader, "variant case")
            let type = try self.optionalType(&reader)
            let refines = reader.offset
            guard try reader.byte() == 0x00 else { throw invalidByte(reader, "zero byte required", at: refines) }
            return CaseSyntax(label: label, type: type)
        }
        try self.checkUnique(cases.map(\.label), what: "variant case", at: start)
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
                case 0x00: kind = .coreType(try self.coreType(&reader))
                case 0x01:
                    let type = try self.type(&reader, depth: depth)
                    if case .resource = type {
                        throw ComponentError(
                            .invalid, "resources can only be defined within a concrete component", offset: start)
                    }
                    kind = .type(type)
                case 0x02: kind = .alias(try self.alias(&reader))
                case 0x03 where allowsImports: kind = .import(try self.extern(&reader, "import"))
                case 0x04: kind = .export(try self.extern(&reader, "export"))
                default: throw invalidByte(reader, "component or instance type declaration", at: start)
                }
                return DeclarationsSyntax.Declaration(offset: start, kind: kind)
            })
    }

    // MARK: Core types

    func coreType(_ reader: inout ByteReader) throws(ComponentError) -> CoreTypeSyntax {
        switch reader.peek() {
        case 0x50:
            try reader.skip(1)
            return .module(
                try self.vector(&reader) { (reader) throws(ComponentError) -> ModuleDeclaration in
                    let start = reader.offset
                    return ModuleDeclaration(offset: start, kind: try self.moduleDeclaration(&reader))
                })
        case 0x00:
            try reader.skip(1)
            return .group(try self.coreGroup(&reader))
        default:
            return .group(try self.coreGroup(&reader))
        }
    }

    private func coreGroup(_ reader: inout ByteReader) throws(ComponentError) -> [CoreSubtype] {
        let start = reader.offset
        let types = try CoreTypeReader.recursiveType(&reader)
        try self.budget.spend(reader.offset - start, at: start)
        return types
    }

    private func moduleDeclaration(_ reader: inout ByteReader) throws(ComponentError) -> ModuleDeclaration.Kind {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00:
            let module = try reader.name()
            let name = try reader.name()
            return .import(module: module, name: name, type: try CoreTypeReader.entity(&reader))
        case 0x01:
            guard reader.peek() != 0x50 else {
                throw ComponentError(
                    .invalid, "invalid leading byte (0x50): a module type is defined inside a module type",
                    offset: start)
            }
            if reader.peek() == 0x00 { try reader.skip(1) }
            return .type(try self.coreGroup(&reader))
        case 0x02:
            guard try reader.byte() == 0x10 else { throw invalidByte(reader, "outer alias kind", at: start + 1) }
            guard try reader.byte() == 0x01 else { throw invalidByte(reader, "outer alias target", at: start + 2) }
            let count = try reader.u32()
            return .outerType(count: count, index: try reader.u32())
        case 0x03:
            let name = try reader.name()
            return .export(name: name, type: try CoreTypeReader.entity(&reader))
        default: throw invalidByte(reader, "type definition", at: start)
        }
    }
}

/// Decodes the binary format of components (Binary.md) into syntax; indices stay unresolved.
struct ComponentParser {
    private let bytes: UnsafeRawBufferPointer
    private let range: Range<Int>
    let budget = Budget(Limits.syntaxNodes, of: "definitions and labels")

    /// - Parameter range: where the component is; nil for all of the bytes.
    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>? = nil) {
        self.bytes = bytes
        self.range = range ?? 0..<bytes.count
    }

    func parse() throws(ComponentError) -> ComponentSyntax {
        let reader = ByteReader(self.bytes, range: self.range)
        return try self.component(reader, depth: 0)
    }

    private func component(_ whole: ByteReader, depth: Int) throws(ComponentError) -> ComponentSyntax {
        var reader = whole
        let start = reader.offset
        guard depth < Limits.nesting else {
            throw ComponentError(.unsupported, "components nest deeper than \(Limits.nesting)", offset: start)
        }
        try ComponentParser.preamble(&reader)
        var definitions: [Definition] = []
        var names: [UInt32: String] = [:]
        while !reader.isAtEnd {
            try self.budget.spend(1, at: reader.offset)
            if reader.peek() == 0 {
                try self.customSection(&reader, names: &names)
            } else {
                try self.section(&reader, depth: depth, into: &definitions)
            }
        }
        return ComponentSyntax(offset: start, definitions: definitions, coreModuleNames: names)
    }

    private static func preamble(_ reader: inout ByteReader) throws(ComponentError) {
        if reader.skipIfMatches(WasmKind.componentPreamble) { return }
        let start = reader.offset
        if reader.skipIfMatches(WasmKind.coreModulePreamble) {
            throw ComponentError(
                .malformed, "expected a version header for a component: this is a core module", offset: start)
        }
        if reader.skipIfMatches(WasmKind.magic) {
            guard reader.remaining >= 4 else {
                throw reader.malformed("unexpected end-of-file: the file ends within its version header")
            }
            throw reader.malformed("unknown binary version of the component format: this runtime reads version 13")
        }
        throw reader.malformed("this is not a WebAssembly component: magic header not detected")
    }

    /// The section's name is checked; what follows is for tools, and need not be valid.
    private func customSection(_ reader: inout ByteReader, names: inout [UInt32: String]) throws(ComponentError) {
        _ = try reader.byte()
        var section = try reader.section(Int(try reader.u32()))
        guard try section.name() == "component-name" else { return }
        while let id = try? section.byte(), let size = try? section.u32(),
            var subsection = try? section.section(Int(size))
        {
            // Names of one sort; of interest are those of core modules.
            guard id == 1, subsection.skipIfMatches([0x00, 0x11]), let count = try? subsection.count() else { continue }
            try self.budget.spend(count, at: subsection.offset)
            for _ in 0..<count {
                guard let index = try? subsection.u32(), let name = try? subsection.name() else { break }
                names[index] = name
            }
        }
    }

    private func section(_ reader: inout ByteReader, depth: Int, into definitions: inout [Definition])
        throws(ComponentError)
    {
        let start = reader.offset
        let id = try reader.byte()
        guard id <= 12 else { throw ComponentError(.malformed, "malformed section id: \(id)", offset: start) }
        var section = try reader.section(Int(try reader.u32()))
        let contents = section.offset
        switch id {
        case 1:
            guard section.skipIfMatches(WasmKind.coreModulePreamble) else {
                throw section.malformed("expected a version header for a module")
            }
            definitions.append(Definition(offset: contents, kind: .coreModule(contents..<section.end)))
            return
        case 4:
            let nested = try self.component(section, depth: depth + 1)
            definitions.append(Definition(offset: contents, kind: .component(nested)))
            return
        case 9:
            definitions.append(Definition(offset: contents, kind: .start(try self.start(&section))))
            return try section.finish("section 9")
        default:
            break
        }
        let count = try section.count()
        try self.budget.spend(count, at: contents)
        for _ in 0..<count {
            let offset = section.offset
            let kind: Definition.Kind
            switch id {
            case 2: kind = .coreInstance(try self.coreInstance(&section))
            case 3: kind = .coreType(try self.coreType(&section))
            case 5: kind = .instance(try self.instance(&section))
            case 6: kind = .alias(try self.alias(&section))
            case 7: kind = .type(try self.type(&section, depth: 0))
            case 8: kind = .canon(try self.canon(&section))
            case 10: kind = .import(try self.extern(&section, "import"))
            case 11: kind = .export(try self.export(&section))
            default: kind = .value(try self.value(&section))
            }
            definitions.append(Definition(offset: offset, kind: kind))
        }
        try section.finish("section \(id)")
    }

    /// A vector; its elements are paid for.
    func vector<Element>(
        _ reader: inout ByteReader, _ element: (inout ByteReader) throws(ComponentError) -> Element
    ) throws(ComponentError) -> [Element] {
        let start = reader.offset
        let count = try reader.count()
        try self.budget.spend(count, at: start)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try element(&reader)) }
        return elements
    }
}

/// The byte at `offset`, which `reader` has passed, is none that may stand there.
func invalidByte(_ reader: ByteReader, _ what: String, at offset: Int) -> ComponentError {
    let byte = reader.bytes.indices.contains(offset) ? reader.bytes[offset] : 0
    return ComponentError(.malformed, "invalid leading byte (\(hex(byte))) for \(what)", offset: offset)
}

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
            throw ComponentError(
                .unsupported,
                "a start function of the component: the gated feature 🪙 of the component model, which Swirl does not have",
                offset: start)
        case 12:
            throw ComponentError(
                .unsupported,
                "values of components: the gated feature 🪙 of the component model, which Swirl does not have",
                offset: start)
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
            default: kind = .export(try self.export(&section))
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

    // MARK: Instances and aliases

    private func coreInstance(_ reader: inout ByteReader) throws(ComponentError) -> CoreInstanceSyntax {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00:
            let module = try reader.u32()
            let arguments = try self.vector(&reader) {
                (reader) throws(ComponentError) -> (name: String, instance: UInt32) in
                let name = try reader.name()
                let sort = reader.offset
                guard try reader.byte() == 0x12 else {
                    throw invalidByte(reader, "instantiation arg kind", at: sort)
                }
                return (name, try reader.u32())
            }
            return .instantiate(module: module, arguments: arguments)
        case 0x01:
            let exports = try self.vector(&reader) {
                (reader) throws(ComponentError) -> (name: String, sort: CoreSort, index: UInt32) in
                let name = try reader.name()
                let sort = try ComponentParser.coreSort(&reader, "external kind")
                return (name, sort, try reader.u32())
            }
            return .exports(exports)
        default:
            throw invalidByte(reader, "core instance", at: start)
        }
    }

    private func instance(_ reader: inout ByteReader) throws(ComponentError) -> InstanceSyntax {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00:
            let component = try reader.u32()
            let arguments = try self.vector(&reader) {
                (reader) throws(ComponentError) -> (name: String, item: SortIndex) in
                let name = try reader.name()
                return (name, try ComponentParser.sortIndex(&reader))
            }
            return .instantiate(component: component, arguments: arguments)
        case 0x01:
            let exports = try self.vector(&reader) {
                (reader) throws(ComponentError) -> ExportSyntax in
                let (name, attributes) = try self.externName(&reader, "export")
                let item = try ComponentParser.sortIndex(&reader)
                return ExportSyntax(name: name, attributes: attributes, item: item, type: nil)
            }
            return .exports(exports)
        default:
            throw invalidByte(reader, "instance", at: start)
        }
    }

    func alias(_ reader: inout ByteReader) throws(ComponentError) -> AliasSyntax {
        let start = reader.offset
        // What the sort may be depends on the byte after it.
        var ahead = reader
        _ = try ahead.byte()
        if reader.peek() == 0x00 { _ = try ahead.byte() }
        let what = ahead.peek() == 0x02 ? "component outer alias kind" : "component external kind"
        let sort = try ComponentParser.sort(&reader, what)
        let target = reader.offset
        switch try reader.byte() {
        case 0x00:
            if case .core(let core) = sort, core != .module { throw invalidByte(reader, what, at: start + 1) }
            let instance = try reader.u32()
            return .export(sort, instance: instance, name: try reader.name())
        case 0x01:
            guard case .core(let coreSort) = sort else { throw invalidByte(reader, "core alias kind", at: start) }
            switch coreSort {
            case .function, .table, .memory, .global, .tag: break
            case .type, .module, .instance: throw invalidByte(reader, "core alias kind", at: start + 1)
            }
            let instance = try reader.u32()
            return .coreExport(coreSort, instance: instance, name: try reader.name())
        case 0x02:
            switch sort {
            case .core(.module), .core(.type), .type, .component: break
            case .core: throw invalidByte(reader, what, at: start + 1)
            default: throw invalidByte(reader, what, at: start)
            }
            let count = try reader.u32()
            return .outer(sort, count: count, index: try reader.u32())
        default:
            throw invalidByte(reader, "alias", at: target)
        }
    }

    static func coreSort(_ reader: inout ByteReader, _ what: String) throws(ComponentError) -> CoreSort {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return .function
        case 0x01: return .table
        case 0x02: return .memory
        case 0x03: return .global
        case 0x04: return .tag
        case 0x10: return .type
        case 0x11: return .module
        case 0x12: return .instance
        default: throw invalidByte(reader, what, at: start)
        }
    }

    static func sort(_ reader: inout ByteReader, _ what: String) throws(ComponentError) -> Sort {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return .core(try ComponentParser.coreSort(&reader, what))
        case 0x01: return .function
        case 0x02: return .value
        case 0x03: return .type
        case 0x04: return .component
        case 0x05: return .instance
        default: throw invalidByte(reader, what, at: start)
        }
    }

    /// Something that can cross the boundary of a component.
    static func sortIndex(_ reader: inout ByteReader) throws(ComponentError) -> SortIndex {
        let start = reader.offset
        let sort = try ComponentParser.sort(&reader, "component external kind")
        if case .core(let core) = sort, core != .module {
            throw invalidByte(reader, "component external kind", at: start + 1)
        }
        return SortIndex(sort: sort, index: try reader.u32())
    }

    // MARK: Imports and exports

    /// A name with its attributes; `what` is "import" or "export".
    func externName(_ reader: inout ByteReader, _ what: String)
        throws(ComponentError) -> (name: ExternName, attributes: ExternAttributes)
    {
        let start = reader.offset
        let form = try reader.byte()
        guard form <= 2 else { throw invalidByte(reader, "component name", at: start) }
        let text = try reader.name()
        var attributes = ExternAttributes()
        if form == 2 { attributes = try self.attributes(&reader) }
        do throws(ExternName.Problem) {
            return (try ExternName(validating: text), attributes)
        } catch {
            throw ComponentError(
                .invalid, "\(what) name `\(text)` is not a valid extern name: \(error.message)", offset: start)
        }
    }

    private func attributes(_ reader: inout ByteReader) throws(ComponentError) -> ExternAttributes {
        var attributes = ExternAttributes()
        _ = try self.vector(&reader) { (reader) throws(ComponentError) -> Void in
            let start = reader.offset
            let kind = try reader.byte()
            guard kind <= 2 else { throw invalidByte(reader, "name option", at: start) }
            let text = try reader.name()
            let place: WritableKeyPath<ExternAttributes, String?>
            switch kind {
            case 0: place = \.implements
            case 1: place = \.versionSuffix
            default: place = \.externalID
            }
            guard attributes[keyPath: place] == nil else {
                let names = ["implements", "versionsuffix", "external-id"]
                throw ComponentError(
                    .invalid, "duplicate '\(names[Int(kind)])' option in name", offset: start)
            }
            attributes[keyPath: place] = text
        }
        return attributes
    }

    func extern(_ reader: inout ByteReader, _ what: String) throws(ComponentError) -> ExternSyntax {
        let (name, attributes) = try self.externName(&reader, what)
        return ExternSyntax(name: name, attributes: attributes, type: try self.externType(&reader))
    }

    private func export(_ reader: inout ByteReader) throws(ComponentError) -> ExportSyntax {
        let (name, attributes) = try self.externName(&reader, "export")
        let item = try ComponentParser.sortIndex(&reader)
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return ExportSyntax(name: name, attributes: attributes, item: item, type: nil)
        case 0x01:
            return ExportSyntax(name: name, attributes: attributes, item: item, type: try self.externType(&reader))
        default: throw invalidByte(reader, "optional component export type", at: start)
        }
    }

    private func externType(_ reader: inout ByteReader) throws(ComponentError) -> ExternTypeSyntax {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00:
            guard try reader.byte() == 0x11 else {
                throw invalidByte(reader, "component external kind", at: start + 1)
            }
            return .coreModule(try reader.u32())
        case 0x01: return .function(try reader.u32())
        case 0x02:
            throw ComponentError(
                .unsupported,
                "values of components: the gated feature 🪙 of the component model, which Swirl does not have",
                offset: start)
        case 0x03:
            let bound = reader.offset
            switch try reader.byte() {
            case 0x00: return .typeEqual(try reader.u32())
            case 0x01: return .typeResource
            default: throw invalidByte(reader, "type bound", at: bound)
            }
        case 0x04: return .component(try reader.u32())
        case 0x05: return .instance(try reader.u32())
        default: throw invalidByte(reader, "component external kind", at: start)
        }
    }
}

/// The byte at `offset`, which `reader` has passed, is none that may stand there.
func invalidByte(_ reader: ByteReader, _ what: String, at offset: Int) -> ComponentError {
    let byte = reader.bytes.indices.contains(offset) ? reader.bytes[offset] : 0
    return ComponentError(.malformed, "invalid leading byte (\(hex(byte))) for \(what)", offset: offset)
}

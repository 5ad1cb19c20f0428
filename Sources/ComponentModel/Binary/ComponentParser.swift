/// Decodes the binary format of components (Binary.md) into syntax; indices stay unresolved.
struct ComponentParser {
    private let bytes: UnsafeRawBufferPointer
    let budget = Budget(Limits.syntaxNodes, of: "definitions and labels")
    private(set) var coreModuleNames: [Int: String] = [:]

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func parse() throws(ComponentError) -> ComponentSyntax {
        let reader = ByteReader(self.bytes)
        return try self.component(reader, depth: 0)
    }

    private mutating func component(_ whole: ByteReader, depth: Int) throws(ComponentError) -> ComponentSyntax {
        var reader = whole
        let start = reader.offset
        guard depth < Limits.nesting else {
            throw ComponentError(.unsupported, "components nest deeper than \(Limits.nesting)", offset: start)
        }
        try ComponentParser.preamble(&reader)
        var definitions: [Definition] = []
        while !reader.isAtEnd {
            try self.budget.spend(1, at: reader.offset)
            try self.section(&reader, depth: depth, into: &definitions)
        }
        return ComponentSyntax(offset: start, definitions: definitions)
    }

    private static func preamble(_ reader: inout ByteReader) throws(ComponentError) {
        if reader.skipIfMatches(WasmKind.componentPreamble) { return }
        if reader.skipIfMatches(WasmKind.coreModulePreamble) {
            throw ComponentError(.malformed, "this is a core module, not a component", offset: 0)
        }
        if reader.skipIfMatches(WasmKind.magic), reader.remaining >= 4 {
            throw reader.malformed("unknown version of the component format")
        }
        throw reader.malformed("this is not a WebAssembly component")
    }

    private mutating func section(_ reader: inout ByteReader, depth: Int, into definitions: inout [Definition])
        throws(ComponentError)
    {
        let start = reader.offset
        let id = try reader.byte()
        guard id <= 12 else { throw ComponentError(.malformed, "unknown section \(id)", offset: start) }
        var section = try reader.section(Int(try reader.u32()))
        let contents = section.offset
        switch id {
        case 0:
            // The name is checked; what follows is for tools, and need not be valid.
            _ = try section.name()
            return
        case 1:
            guard section.skipIfMatches(WasmKind.coreModulePreamble) else {
                throw section.malformed("core module section does not hold a core module")
            }
            definitions.append(Definition(offset: contents, kind: .coreModule(contents..<section.end)))
            return
        case 4:
            let nested = try self.component(section, depth: depth + 1)
            definitions.append(Definition(offset: contents, kind: .component(nested)))
            return
        case 9:
            throw ComponentError(.unsupported, "a start function", offset: start)
        case 12:
            throw ComponentError(.unsupported, "value definitions", offset: start)
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
            case 3: kind = .coreTypes(try self.coreType(&section, depth: 0))
            case 5: kind = .instance(try self.instance(&section))
            case 6: kind = .alias(try self.alias(&section))
            case 7: kind = .type(try self.type(&section, depth: 0))
            case 8: kind = .canon(try self.canon(&section))
            case 10: kind = .import(try self.extern(&section))
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
                    throw ComponentError(.malformed, "argument of a core module is not an instance", offset: sort)
                }
                return (name, try reader.u32())
            }
            return .instantiate(module: module, arguments: arguments)
        case 0x01:
            let exports = try self.vector(&reader) {
                (reader) throws(ComponentError) -> (name: String, sort: CoreSort, index: UInt32) in
                let name = try reader.name()
                let sort = try ComponentParser.coreSort(&reader)
                return (name, sort, try reader.u32())
            }
            return .exports(exports)
        case let byte:
            throw ComponentError(.malformed, "unknown core instance form \(byte)", offset: start)
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
                (reader) throws(ComponentError) -> (name: ExternName, item: SortIndex) in
                let name = try self.externName(&reader)
                return (name, try ComponentParser.sortIndex(&reader))
            }
            return .exports(exports)
        case let byte:
            throw ComponentError(.malformed, "unknown instance form \(byte)", offset: start)
        }
    }

    func alias(_ reader: inout ByteReader) throws(ComponentError) -> AliasSyntax {
        let start = reader.offset
        let sort = try ComponentParser.sort(&reader)
        switch try reader.byte() {
        case 0x00:
            let instance = try reader.u32()
            return .export(sort, instance: instance, name: try reader.name())
        case 0x01:
            guard case .core(let coreSort) = sort else {
                throw ComponentError(.malformed, "a core instance exports no \(sort.name)", offset: start)
            }
            let instance = try reader.u32()
            return .coreExport(coreSort, instance: instance, name: try reader.name())
        case 0x02:
            let count = try reader.u32()
            return .outer(sort, count: count, index: try reader.u32())
        case let byte:
            throw ComponentError(.malformed, "unknown alias form \(byte)", offset: start)
        }
    }

    static func coreSort(_ reader: inout ByteReader) throws(ComponentError) -> CoreSort {
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
        case let byte: throw ComponentError(.malformed, "unknown core sort \(byte)", offset: start)
        }
    }

    static func sort(_ reader: inout ByteReader) throws(ComponentError) -> Sort {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return .core(try ComponentParser.coreSort(&reader))
        case 0x01: return .function
        case 0x02: return .value
        case 0x03: return .type
        case 0x04: return .component
        case 0x05: return .instance
        case let byte: throw ComponentError(.malformed, "unknown sort \(byte)", offset: start)
        }
    }

    static func sortIndex(_ reader: inout ByteReader) throws(ComponentError) -> SortIndex {
        let sort = try ComponentParser.sort(&reader)
        return SortIndex(sort: sort, index: try reader.u32())
    }

    // MARK: Imports and exports

    func externName(_ reader: inout ByteReader) throws(ComponentError) -> ExternName {
        let start = reader.offset
        let form = try reader.byte()
        guard form <= 2 else { throw ComponentError(.malformed, "unknown name form \(form)", offset: start) }
        let text = try reader.name()
        if form == 2 {
            // Attributes say how tools may supply an import; they never identify it.
            _ = try self.vector(&reader) { (reader) throws(ComponentError) -> Void in
                let start = reader.offset
                let attribute = try reader.byte()
                guard attribute <= 2 else {
                    throw ComponentError(.malformed, "unknown name attribute \(attribute)", offset: start)
                }
                _ = try reader.name()
            }
        }
        guard let name = ExternName(text) else {
            throw ComponentError(
                .invalid,
                "'\(text)' is not a valid name: expected words-joined-by-hyphens, [method]resource.name, "
                    + "or namespace:package/interface@version", offset: start)
        }
        return name
    }

    func extern(_ reader: inout ByteReader) throws(ComponentError) -> ExternSyntax {
        let name = try self.externName(&reader)
        return ExternSyntax(name: name, type: try self.externType(&reader))
    }

    private func export(_ reader: inout ByteReader) throws(ComponentError) -> ExportSyntax {
        let name = try self.externName(&reader)
        let item = try ComponentParser.sortIndex(&reader)
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return ExportSyntax(name: name, item: item, type: nil)
        case 0x01: return ExportSyntax(name: name, item: item, type: try self.externType(&reader))
        case let byte: throw ComponentError(.malformed, "unknown optional form \(byte)", offset: start)
        }
    }

    private func externType(_ reader: inout ByteReader) throws(ComponentError) -> ExternTypeSyntax {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00:
            guard try reader.byte() == 0x11 else {
                throw ComponentError(.malformed, "only core modules can be imported or exported", offset: start)
            }
            return .coreModule(try reader.u32())
        case 0x01: return .function(try reader.u32())
        case 0x02: throw ComponentError(.unsupported, "value imports and exports", offset: start)
        case 0x03:
            switch try reader.byte() {
            case 0x00: return .typeEqual(try reader.u32())
            case 0x01: return .typeResource
            case let byte: throw ComponentError(.malformed, "unknown type bound \(byte)", offset: start)
            }
        case 0x04: return .component(try reader.u32())
        case 0x05: return .instance(try reader.u32())
        case let byte: throw ComponentError(.malformed, "unknown kind \(byte) of import or export", offset: start)
        }
    }
}

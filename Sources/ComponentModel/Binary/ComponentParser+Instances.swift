/// Instances, aliases, and what both refer to (Binary.md, "Instance Definitions", "Alias Definitions").
extension ComponentParser {
    func coreInstance(_ reader: inout ByteReader) throws(ComponentError) -> CoreInstanceSyntax {
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

    func instance(_ reader: inout ByteReader) throws(ComponentError) -> InstanceSyntax {
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
}

/// Imports and exports (Binary.md, "Import and Export Definitions").
extension ComponentParser {
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

    func export(_ reader: inout ByteReader) throws(ComponentError) -> ExportSyntax {
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
        case 0x02: return try self.valueBound(&reader)
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

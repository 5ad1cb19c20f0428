/// Values and start functions (Binary.md, "Value Definitions", "Start Definitions").
extension ComponentParser {
    func start(_ reader: inout ByteReader) throws(ComponentError) -> StartSyntax {
        let function = try reader.u32()
        let arguments = try self.vector(&reader) { (reader) throws(ComponentError) in try reader.u32() }
        return StartSyntax(function: function, arguments: arguments, resultCount: try reader.u32())
    }

    func value(_ reader: inout ByteReader) throws(ComponentError) -> ValueSyntax {
        let type = try self.valueType(&reader)
        let encoding = try reader.section(Int(try reader.u32()))
        return ValueSyntax(type: type, encoding: encoding.offset..<encoding.end)
    }

    /// The bound of a value that is imported or exported, after its sort.
    ///
    /// The assembler of `wasm-tools` knows no bounds and writes the type alone. It is read where no bound begins like it:
    /// primitive types, and types from the third on.
    func valueBound(_ reader: inout ByteReader) throws(ComponentError) -> ExternTypeSyntax {
        switch reader.peek() {
        case 0x00:
            try reader.skip(1)
            return .valueEqual(try reader.u32())
        case 0x01:
            try reader.skip(1)
            return .value(try self.valueType(&reader))
        default: return .value(try self.valueType(&reader))
        }
    }
}

import WasmEngine

/// A component of sections that are written byte for byte, for what the assembler has no text: values, and what they
/// are bound to. Sections may follow a component in text, as the binary format has no order of sections.
struct ComponentBytes {
    private(set) var bytes: [UInt8]

    /// - Parameter fields: what comes first, as text.
    init(_ fields: String = "") throws {
        self.bytes = try Engine.assemble("(component \(fields))")
    }

    /// Gives the offset of the section's contents.
    @discardableResult
    mutating func section(_ id: UInt8, _ contents: [UInt8]) -> Int {
        self.bytes += [id] + leb128(contents.count)
        defer { self.bytes += contents }
        return self.bytes.count
    }

    /// Adds a value; gives the offset of its encoding.
    @discardableResult
    mutating func value(_ type: [UInt8], _ encoding: [UInt8]) -> Int {
        let before = [0x01] + type + leb128(encoding.count)
        return self.section(12, before + encoding) + before.count
    }

    /// Adds an import with a type, which begins with its sort.
    mutating func `import`(_ name: String, _ type: [UInt8]) {
        self.section(10, [0x01, 0x00] + Self.name(name) + type)
    }

    /// Adds an export of an item, which begins with its sort.
    mutating func export(_ name: String, _ item: [UInt8], as type: [UInt8]? = nil) {
        self.section(11, [0x01, 0x00] + Self.name(name) + item + (type.map { [0x01] + $0 } ?? [0x00]))
    }

    mutating func component(_ component: ComponentBytes) { self.section(4, component.bytes) }

    /// Adds an instance of a component.
    mutating func instantiate(_ component: UInt8, with arguments: [(name: String, item: [UInt8])]) {
        self.section(
            5,
            [0x01, 0x00, component] + leb128(arguments.count) + arguments.flatMap { Self.name($0.name) + $0.item })
    }

    static func name(_ text: String) -> [UInt8] { leb128(text.utf8.count) + Array(text.utf8) }
}

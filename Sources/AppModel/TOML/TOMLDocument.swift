import CTOML

/// A parsed TOML text: its tree of values, and the text itself to find places inside a value.
package struct TOMLDocument: Sendable {
    package let root: TOMLTable
    private let lines: [Substring]

    /// Why a text is no TOML, and where.
    package struct ParseError: Error, Equatable {
        package var position: SourcePosition
        package var message: String
    }

    /// Parses the text of the file that the user calls `file`. Throws ``ManifestError``.
    package init(_ text: String, file: String) throws(ManifestError) {
        do {
            try self.init(text)
        } catch {
            throw ManifestError([
                Diagnostic(file: file, position: error.position, field: "", message: "not valid TOML: \(error.message)")
            ])
        }
    }

    /// Parses a whole document. Throws ``ParseError``.
    package init(_ text: String) throws(ParseError) {
        var text = text
        // The tree is copied out of the C++ document, which is freed before this returns.
        let result: Result<TOMLTable, ParseError> = text.withUTF8 { bytes in
            let parsed = bytes.withMemoryRebound(to: CChar.self) { ctoml_parse($0.baseAddress, $0.count) }
            guard let document = parsed else {
                return .failure(ParseError(position: .unknown, message: "out of memory"))
            }
            defer { ctoml_free(document) }
            guard let root = ctoml_root(document) else {
                return .failure(
                    ParseError(
                        position: SourcePosition(ctoml_error_position(document)),
                        message: String(ctoml_error_message(document))))
            }
            return .success(TOMLTable(copying: root))
        }
        self.root = try result.get()
        self.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Where the `occurrence`-th (from 0) `needle` stands in the text of a value, so that a message can point inside it.
    ///
    /// Falls back to the start of the value when an escape hides the needle.
    package func position(
        of needle: String, occurrence: Int, in value: TOMLValue,
        skipping skipped: (Unicode.Scalar) -> Bool = { _ in false }
    ) -> SourcePosition {
        let scalars = Array(needle.unicodeScalars)
        guard let first = scalars.first, value.position.line >= 1 else { return value.position }
        var left = occurrence
        var column = value.position.column
        for number in value.position.line..<(value.position.line + 200) {
            guard number <= self.lines.count else { break }
            let line = Array(self.lines[number - 1].unicodeScalars)
            var index = max(0, column - 1)
            while index + scalars.count <= line.count {
                guard line[index] == first, line[index..<(index + scalars.count)].elementsEqual(scalars) else {
                    index += 1
                    continue
                }
                index += scalars.count
                guard left == 0 else {
                    left -= 1
                    continue
                }
                while index < line.count, skipped(line[index]) { index += 1 }
                return SourcePosition(line: number, column: index + 1)
            }
            column = 1
        }
        return value.position
    }
}

extension SourcePosition {
    fileprivate init(_ position: ctoml_position) {
        self.init(line: Int(position.line), column: Int(position.column))
    }
}

extension String {
    fileprivate init(_ string: ctoml_string) {
        let bytes = UnsafeRawBufferPointer(start: string.bytes, count: string.length)
        self = String(decoding: bytes, as: UTF8.self)
    }
}

extension TOMLTable {
    fileprivate init(copying node: OpaquePointer) {
        self.init()
        let count = ctoml_node_count(node)
        self.entries.reserveCapacity(count)
        for index in 0..<count {
            guard let child = ctoml_node_child(node, index) else { continue }
            self.entries.append(
                Entry(
                    key: String(ctoml_node_key(node, index)),
                    keyPosition: SourcePosition(ctoml_node_key_position(node, index)),
                    value: TOMLValue(copying: child)))
        }
    }
}

extension TOMLValue {
    fileprivate init(copying node: OpaquePointer) {
        let content: Content =
            switch ctoml_node_kind(node) {
            case CTOML_STRING: .string(String(ctoml_node_string(node)))
            case CTOML_INTEGER: .integer(ctoml_node_integer(node))
            case CTOML_FLOAT: .float(ctoml_node_float(node))
            case CTOML_BOOLEAN: .boolean(ctoml_node_boolean(node))
            case CTOML_DATE_OR_TIME: .dateOrTime(String(ctoml_node_string(node)))
            case CTOML_ARRAY:
                .array(
                    (0..<ctoml_node_count(node)).compactMap { index in
                        ctoml_node_child(node, index).map { TOMLValue(copying: $0) }
                    })
            default: .table(TOMLTable(copying: node))
            }
        self.init(content, at: SourcePosition(ctoml_node_position(node)))
    }
}

/// A place in a text: lines and columns count from 1, columns count Unicode scalars; 0 means unknown.
package struct SourcePosition: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let unknown = SourcePosition(line: 0, column: 0)

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A value of a TOML document, with the place where it was written.
package struct TOMLValue: Sendable {
    package enum Content: Sendable {
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        /// A date, a time or both, as TOML writes it.
        case dateOrTime(String)
        case array([TOMLValue])
        case table(TOMLTable)
    }

    package var content: Content
    package var position: SourcePosition

    package init(_ content: Content, at position: SourcePosition = .unknown) {
        self.content = content
        self.position = position
    }

    package var string: String? {
        guard case .string(let value) = self.content else { return nil }
        return value
    }

    package var boolean: Bool? {
        guard case .boolean(let value) = self.content else { return nil }
        return value
    }

    package var array: [TOMLValue]? {
        guard case .array(let value) = self.content else { return nil }
        return value
    }

    package var table: TOMLTable? {
        guard case .table(let value) = self.content else { return nil }
        return value
    }

    /// What the value is, in words, for a message: "a string", "an integer".
    package var kindInWords: String {
        switch self.content {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .dateOrTime: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}

/// A TOML table: its entries in the order of the file.
package struct TOMLTable: Sendable {
    package struct Entry: Sendable {
        package var key: String
        package var keyPosition: SourcePosition
        package var value: TOMLValue
    }

    package var entries: [Entry]

    package init(entries: [Entry] = []) {
        self.entries = entries
    }

    package var isEmpty: Bool { self.entries.isEmpty }

    package func entry(_ key: String) -> Entry? {
        self.entries.first { $0.key == key }
    }

    package subscript(key: String) -> TOMLValue? { self.entry(key)?.value }
}

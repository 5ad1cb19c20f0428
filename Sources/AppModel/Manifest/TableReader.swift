/// Gathers what is wrong while a manifest is read, so that one run tells everything.
final class DiagnosticCollector {
    let file: String
    private(set) var errors: [Diagnostic] = []
    private(set) var warnings: [Diagnostic] = []

    init(file: String) {
        self.file = file
    }

    func error(_ field: String, _ message: String, at position: SourcePosition, hint: String? = nil) {
        self.errors.append(
            Diagnostic(file: self.file, position: position, field: field, message: message, hint: hint))
    }

    func warning(_ field: String, _ message: String, at position: SourcePosition, hint: String? = nil) {
        self.warnings.append(
            Diagnostic(file: self.file, position: position, field: field, message: message, hint: hint))
    }

    /// Everything that is wrong, in the order of the file.
    var failure: ManifestError { ManifestError(self.errors.sorted { $0.position < $1.position }) }

    /// Refuses a field of Spin's that is not there yet: by name, never silently.
    func notProvided(_ field: String, _ what: String, at position: SourcePosition, hint: String? = nil) {
        self.error(field, "this version of Swirl does not provide \(what) yet", at: position, hint: hint)
    }
}

/// Reads the fields of one table and remembers which ones it was asked for; all others are unknown.
struct TableReader {
    let table: TOMLTable
    let path: String
    let position: SourcePosition
    let collector: DiagnosticCollector
    private var known: [String] = []

    init(_ table: TOMLTable, path: String, position: SourcePosition, collector: DiagnosticCollector) {
        self.table = table
        self.path = path
        self.position = position
        self.collector = collector
    }

    /// A whole document.
    init(root: TOMLTable, collector: DiagnosticCollector) {
        self.init(root, path: "", position: SourcePosition(line: 1, column: 1), collector: collector)
    }

    /// Reads the text of the file that the user calls `file`: what `body` takes of it is all that it may hold.
    ///
    /// - Throws: everything that is wrong, each with its place.
    static func read<Value>(
        _ text: String, file: String, _ body: (inout TableReader) -> Value
    ) throws(ManifestError) -> Value {
        let document = try TOMLDocument(text, file: file)
        let collector = DiagnosticCollector(file: file)
        var reader = TableReader(root: document.root, collector: collector)
        let value = body(&reader)
        reader.finish()
        guard collector.errors.isEmpty else { throw collector.failure }
        return value
    }

    /// The dotted path of one field.
    func field(_ key: String) -> String { Self.join(self.path, key) }

    static func join(_ path: String, _ key: String) -> String {
        let isBare =
            !key.isEmpty
            && key.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "-_".unicodeScalars.contains($0))
            }
        let name = isBare ? key : "\"\(key)\""
        return path.isEmpty ? name : "\(path).\(name)"
    }

    mutating func entry(_ key: String) -> TOMLTable.Entry? {
        self.known.append(key)
        return self.table.entry(key)
    }

    /// A field of any kind.
    mutating func value(_ key: String) -> TOMLValue? { self.entry(key)?.value }

    mutating func string(_ key: String) -> String? {
        guard let value = self.value(key) else { return nil }
        guard let string = value.string else {
            self.wrongKind(self.field(key), value, expected: "a string")
            return nil
        }
        return string
    }

    /// A field that must be there. Tells when it is missing.
    mutating func requiredString(_ key: String, hint: String? = nil) -> String? {
        if self.table.entry(key) == nil {
            self.missing(key, hint: hint)
            return nil
        }
        return self.string(key)
    }

    mutating func boolean(_ key: String) -> Bool? {
        guard let value = self.value(key) else { return nil }
        guard let boolean = value.boolean else {
            self.wrongKind(self.field(key), value, expected: "a boolean")
            return nil
        }
        return boolean
    }

    /// An array of strings, with their places.
    mutating func strings(_ key: String) -> [(text: String, position: SourcePosition)]? {
        guard let value = self.value(key) else { return nil }
        guard let elements = value.array else {
            self.wrongKind(self.field(key), value, expected: "an array of strings")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            guard let text = element.string else {
                self.wrongKind("\(self.field(key))[\(index)]", element, expected: "a string")
                return nil
            }
            return (text, element.position)
        }
    }

    /// One string, or an array of them.
    mutating func stringOrStrings(_ key: String) -> [String]? {
        switch self.table[key]?.content {
        case .array: self.strings(key)?.map(\.text)
        default: self.string(key).map { [$0] }
        }
    }

    mutating func subtable(_ key: String) -> (table: TOMLTable, position: SourcePosition)? {
        guard let entry = self.entry(key) else { return nil }
        guard let table = entry.value.table else {
            self.wrongKind(self.field(key), entry.value, expected: "a table")
            return nil
        }
        return (table, entry.value.position)
    }

    /// A table of strings, in order.
    mutating func stringTable(_ key: String) -> [(key: TOMLTable.Entry, text: String)] {
        guard let (table, _) = self.subtable(key) else { return [] }
        return table.entries.compactMap { entry in
            guard let text = entry.value.string else {
                self.wrongKind(Self.join(self.field(key), entry.key), entry.value, expected: "a string")
                return nil
            }
            return (entry, text)
        }
    }

    /// A field that Spin has and this version lacks: refused when it says anything.
    mutating func refuse(_ key: String, _ what: String) {
        guard let entry = self.entry(key), !entry.value.isEmptyCollection else { return }
        self.collector.notProvided(self.field(key), what, at: entry.keyPosition)
    }

    mutating func missing(_ key: String, hint: String? = nil) {
        // What is written instead may be meant.
        self.known.append(key)
        self.collector.error(
            self.field(key), "the required field `\(key)` is missing", at: self.position, hint: hint)
    }

    func wrongKind(_ field: String, _ value: TOMLValue, expected: String) {
        self.collector.error(field, "expected \(expected), found \(value.kindInWords)", at: value.position)
    }

    /// Reports every field that was not asked for.
    func finish() {
        for entry in self.table.entries where !self.known.contains(entry.key) {
            self.collector.error(
                self.field(entry.key), "unknown field `\(entry.key)`", at: entry.keyPosition,
                hint: NearestName.find(entry.key, in: self.known).map { "did you mean `\($0)`?" })
        }
    }
}

extension TOMLValue {
    /// An empty array or table says nothing.
    var isEmptyCollection: Bool {
        switch self.content {
        case .array(let elements): elements.isEmpty
        case .table(let table): table.isEmpty
        default: false
        }
    }
}

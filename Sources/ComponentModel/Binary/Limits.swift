/// Bounds that keep a hostile component from costing more than its size justifies.
enum Limits {
    /// Components and component or instance types inside each other; also how deep a value type may nest.
    static let nesting = 100
    /// How deep instances, components and the types in them may nest where they are walked.
    static let typeDepth = 200
    /// Instantiations inside each other while a component is planned.
    static let instantiationDepth = 100
    /// Definitions, declarations, labels and arguments in one file.
    static let syntaxNodes = 1_000_000
    /// Expanded size of one value type, in nodes.
    static let typeNodes = 1_000_000
    /// Total work of planning: expanded type nodes, evaluated definitions and bound imports.
    static let planningWork = 10_000_000
    /// What else costs how much of that work: in proportion to the memory that it takes.
    static let workOfInstance = 400
    static let workOfDefinition = 8
    static let workOfFunction = 20
    static let workOfExport = 40
    static let workOfCoreImport = 10
    static let workOfCoreExport = 10
    static let workOfType = 10
    static let workOfPart = 3
    static let workOfVariable = 6
    /// Bytes of text that cost as much as one node of a type.
    static let nodeBytes = 8
    /// Bytes of the text of one function's or stream's type.
    static let signatureBytes = 1 << 20
    /// Bytes of the values that are written down in a component; in the host's memory each is up to 60 times as large.
    static let encodedValues = 1 << 18
    static let componentInstances = 10_000
    static let coreInstances = 10_000
    /// Bytes of one name.
    static let nameLength = 100_000
    /// Types, functions, imports and exports of one core module, each.
    static let coreModuleItems = 1_000_000
    /// Supertypes of a core type above each other; engines allow no more.
    static let coreSubtypeDepth = 63
    /// Bytes of one value of any type in linear memory (Binary.md, notes on type definitions).
    static let valueSize = 1 << 28

    /// What a label adds to the expanded size of a type: somebody walks it wherever the type is used.
    static func nodes(ofLabel label: String) -> Int { 1 + Limits.work(ofText: label) }

    /// What text costs that is copied.
    static func work(ofText text: String) -> Int { text.utf8.count / Limits.nodeBytes }
}

/// What is left of a bound that is shared by all who spend from it.
final class Budget {
    private var left: Int
    private let what: String

    init(_ limit: Int, of what: String) {
        self.left = limit
        self.what = what
    }

    func spend(_ amount: Int, at offset: Int) throws(ComponentError) {
        guard amount <= self.left else {
            throw ComponentError(.unsupported, "too large: \(self.what) exceed this runtime's limit", offset: offset)
        }
        self.left -= amount
    }
}

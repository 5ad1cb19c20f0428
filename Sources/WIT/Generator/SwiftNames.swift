/// How WIT names become Swift names.
enum SwiftNames {
    /// `stream-error` → `StreamError`, `HTTP-request` → `HttpRequest`.
    static func upperCamel(_ name: String) -> String {
        let words = name.split(separator: "-")
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined()
    }

    /// `last-operation-failed` → `lastOperationFailed`, without backticks.
    static func lowerCamel(_ name: String) -> String {
        let camel = self.upperCamel(name)
        guard let first = name.split(separator: "-").first else { return camel }
        return first.lowercased() + camel.dropFirst(first.count)
    }

    /// A lower camel name usable where Swift wants an identifier: keywords get backticks.
    static func identifier(_ name: String) -> String { self.escaped(self.lowerCamel(name)) }

    /// A parameter's label: there most keywords need no backticks.
    static func argumentLabel(_ name: String) -> String {
        let label = self.lowerCamel(name)
        return ["inout", "let", "var"].contains(label) ? "`\(label)`" : label
    }

    static func escaped(_ name: String) -> String { self.keywords.contains(name) ? "`\(name)`" : name }

    /// The name of a nested type; names that would hide what generated code refers to get a suffix.
    static func type(_ name: String) -> String {
        let camel = self.upperCamel(name)
        return self.hiddenTypes.contains(camel) ? camel + "Value" : camel
    }

    private static let hiddenTypes: Set<String> = [
        "Any", "AnyObject", "Array", "Bool", "Double", "Equatable", "Float", "Functions", "Hashable", "Int", "Int16",
        "Int32", "Int64", "Int8", "Optional", "OptionSet", "Protocol", "Self", "Sendable", "String", "Type", "UInt16",
        "UInt32", "UInt64", "UInt8", "Unicode", "Void",
    ]

    private static let keywords: Set<String> = [
        "Any", "Self", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
        "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
        "if", "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup",
        "private", "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript",
        "super", "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
    ]
}

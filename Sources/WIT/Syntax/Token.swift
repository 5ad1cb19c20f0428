/// One token of a WIT file.
struct Token: Equatable {
    enum Kind: Equatable {
        /// A kebab-case name; `isEscaped` when written with `%`, which also allows keywords.
        case identifier(String, isEscaped: Bool)
        case integer(String)
        case string(String)
        /// One of `= , : ; ( ) { } < > * / . @ _`.
        case mark(Character)
        case arrow
        case end
    }

    let kind: Kind
    let location: SourceLocation
    /// Byte offsets in the file.
    let start: Int
    let end: Int
    /// Text of the documentation comments before the token, a line each.
    let documentation: [String]

    /// The token as a message shows it.
    var text: String {
        switch self.kind {
        case .identifier(let name, let isEscaped): isEscaped ? "`%\(name)`" : "`\(name)`"
        case .integer(let digits): "`\(digits)`"
        case .string: "a string"
        case .mark(let mark): "`\(mark)`"
        case .arrow: "`->`"
        case .end: "the end of the file"
        }
    }

    /// Words that name something only when escaped with `%`.
    static let keywords: Set<String> = [
        "as", "async", "bool", "borrow", "char", "constructor", "enum", "error-context", "export", "f32", "f64",
        "flags", "from", "func", "future", "import", "include", "interface", "list", "map", "option", "own", "package",
        "record", "resource", "result", "s16", "s32", "s64", "s8", "static", "stream", "string", "tuple", "type",
        "u16", "u32", "u64", "u8", "use", "variant", "with", "world",
    ]
}

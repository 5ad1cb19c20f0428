/// Reads the text of one WIT file into a syntax tree.
///
/// Source: Component Model, `WIT.md`. The first error ends the parse.
package struct Parser {
    /// How deep types and block nesting may go; deeper input is refused, not run into the stack's end.
    static let maximumDepth = 64

    private var lexer: Lexer
    private(set) var token: Token
    var depth = 0

    /// Parses one file; `path` is what messages call it.
    package static func parse(_ text: String, path: String) throws(WITError) -> SyntaxFile {
        var parser = try Parser(Lexer(file: path, text: text))
        return try parser.parseFile(path)
    }

    private init(_ lexer: Lexer) throws(WITError) {
        var lexer = lexer
        self.token = try lexer.next()
        self.lexer = lexer
    }

    // MARK: Tokens

    mutating func advance() throws(WITError) {
        self.token = try self.lexer.next()
    }

    func unexpected(_ expected: String) -> WITError {
        WITError(.syntax, self.token.location, "unexpected \(self.token.text)", expected: expected)
    }

    func isAt(_ mark: Character) -> Bool { self.token.kind == .mark(mark) }

    func isAt(keyword: String) -> Bool { self.token.kind == .identifier(keyword, isEscaped: false) }

    mutating func skip(_ mark: Character) throws(WITError) -> Bool {
        guard self.isAt(mark) else { return false }
        try self.advance()
        return true
    }

    mutating func skip(keyword: String) throws(WITError) -> Bool {
        guard self.isAt(keyword: keyword) else { return false }
        try self.advance()
        return true
    }

    mutating func expect(_ mark: Character, _ purpose: String? = nil) throws(WITError) {
        guard try self.skip(mark) else {
            throw self.unexpected("`\(mark)`" + (purpose.map { " \($0)" } ?? ""))
        }
    }

    mutating func expect(keyword: String) throws(WITError) {
        guard try self.skip(keyword: keyword) else { throw self.unexpected("`\(keyword)`") }
    }

    mutating func expectName(_ what: String) throws(WITError) -> Name {
        guard case .identifier(let text, let isEscaped) = self.token.kind else { throw self.unexpected(what) }
        if !isEscaped, Token.keywords.contains(text) {
            throw WITError(
                .syntax, self.token.location, "`\(text)` is a keyword", expected: "\(what), or `%\(text)`")
        }
        let name = Name(text: text, location: self.token.location)
        try self.advance()
        return name
    }

    /// A version right after the current token, which is thereby consumed.
    mutating func versionAfterToken() throws(WITError) -> SemanticVersion {
        let version = try self.lexer.version()
        try self.advance()
        return version
    }

    /// Elements up to `close`, separated by commas, the last comma optional.
    mutating func commaSeparated<Element>(
        until close: Character, _ element: (inout Parser) throws(WITError) -> Element
    ) throws(WITError) -> [Element] {
        var elements: [Element] = []
        while !self.isAt(close) {
            elements.append(try element(&self))
            guard try self.skip(",") else { break }
        }
        guard try self.skip(close) else { throw self.unexpected("`,` or `\(close)`") }
        return elements
    }

    // MARK: File

    private mutating func parseFile(_ path: String) throws(WITError) -> SyntaxFile {
        var packageName: PackageName?
        var packageLocation: SourceLocation?
        var documentation: [String] = []
        var items: [TopLevelItem] = []
        var nested: [SyntaxFile.Package] = []
        while self.token.kind != .end {
            guard self.isAt(keyword: "package") else {
                items.append(try self.parseTopLevelItem())
                continue
            }
            let location = self.token.location
            let comments = self.token.documentation
            try self.advance()
            let name = try self.parsePackageName()
            if self.isAt("{") {
                nested.append(try self.parseNestedPackage(name, location, comments))
                continue
            }
            guard packageName == nil, items.isEmpty, nested.isEmpty else {
                throw WITError(
                    .syntax, location, "the package declaration is not the first item of the file",
                    expected: "`package …;` at the top, or `package … { … }`")
            }
            try self.expect(";", "after the package declaration")
            packageName = name
            packageLocation = location
            documentation = comments
        }
        return SyntaxFile(
            path: path, packageName: packageName, packageLocation: packageLocation, documentation: documentation,
            items: items, nested: nested)
    }

    private mutating func parseNestedPackage(
        _ name: PackageName, _ location: SourceLocation, _ documentation: [String]
    ) throws(WITError) -> SyntaxFile.Package {
        try self.expect("{")
        var items: [TopLevelItem] = []
        while try !self.skip("}") {
            items.append(try self.parseTopLevelItem())
        }
        return SyntaxFile.Package(name: name, location: location, documentation: documentation, items: items)
    }

    private mutating func parsePackageName() throws(WITError) -> PackageName {
        var words = [try self.expectName("a namespace").text]
        while try self.skip(":") { words.append(try self.expectName("a package name").text) }
        guard let name = words.popLast(), !words.isEmpty else { throw self.unexpected("`:` and a package name") }
        if self.isAt("/") {
            throw WITError(.unsupported, self.token.location, "nested package names are not supported")
        }
        let version = self.isAt("@") ? try self.versionAfterToken() : nil
        return PackageName(namespace: words.joined(separator: ":"), name: name, version: version)
    }

    private mutating func parseTopLevelItem() throws(WITError) -> TopLevelItem {
        let attributes = try self.parseAttributes()
        if try self.skip(keyword: "interface") {
            let name = try self.expectName("an interface name")
            return .interface(try self.parseInterfaceBody(name, attributes))
        }
        if try self.skip(keyword: "world") { return .world(try self.parseWorld(attributes)) }
        if try self.skip(keyword: "use") {
            let path = try self.parseUsePath()
            let alias = try self.skip(keyword: "as") ? try self.expectName("a name") : nil
            try self.expect(";", "after `use`")
            return .use(path, alias: alias)
        }
        throw self.unexpected("`package`, `interface`, `world` or `use`")
    }

    /// `name` or `namespace:package/name@version`.
    mutating func parseUsePath() throws(WITError) -> UsePath {
        let first = try self.expectName("the name of an interface or world")
        guard self.isAt(":") else { return UsePath(package: nil, name: first, location: first.location) }
        var words = [first.text]
        while try self.skip(":") { words.append(try self.expectName("a package name").text) }
        try self.expect("/", "and the name of an interface or world")
        let name = try self.expectName("the name of an interface or world")
        let version = self.isAt("@") ? try self.versionAfterToken() : nil
        let packageName = words.removeLast()
        return UsePath(
            package: PackageName(namespace: words.joined(separator: ":"), name: packageName, version: version),
            name: name, location: first.location)
    }

    // MARK: Attributes

    /// Documentation and gates before an item.
    mutating func parseAttributes() throws(WITError) -> Attributes {
        var attributes = Attributes(documentation: self.token.documentation)
        while self.isAt("@") {
            let location = self.token.location
            try self.advance()
            guard case .identifier(let gate, _) = self.token.kind else { throw self.unexpected("the name of a gate") }
            let gateToken = self.token
            try self.advance()
            try self.expect("(")
            switch gate {
            case "since":
                try self.refuseRepeated(gate, attributes.since, location)
                attributes.since = try self.parseVersionField()
            case "deprecated":
                try self.refuseRepeated(gate, attributes.deprecated, location)
                attributes.deprecated = try self.parseVersionField()
            case "unstable":
                try self.refuseRepeated(gate, attributes.unstable, location)
                try self.expectWord("feature")
                try self.expect("=")
                attributes.unstable = try self.expectName("the name of a feature").text
            case "external-id":
                guard case .string(let text) = self.token.kind else { throw self.unexpected("a string") }
                attributes.externalID = text
                try self.advance()
            default:
                throw WITError(
                    .syntax, gateToken.location, "`@\(gate)` is not known",
                    expected: "`@since`, `@unstable`, `@deprecated` or `@external-id`")
            }
            try self.expect(")")
            if gate != "external-id", attributes.gateLocation == nil { attributes.gateLocation = location }
            attributes.documentation += self.token.documentation
        }
        return attributes
    }

    private func refuseRepeated<Value>(
        _ gate: String, _ value: Value?, _ location: SourceLocation
    ) throws(WITError) {
        guard value != nil else { return }
        throw WITError(.gate, location, "`@\(gate)` is given twice", expected: "one `@\(gate)`")
    }

    private mutating func parseVersionField() throws(WITError) -> SemanticVersion {
        try self.expectWord("version")
        guard self.isAt("=") else { throw self.unexpected("`=`") }
        return try self.versionAfterToken()
    }

    private mutating func expectWord(_ word: String) throws(WITError) {
        guard try self.skip(keyword: word) else { throw self.unexpected("`\(word)`") }
    }
}

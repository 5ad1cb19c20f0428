extension Parser {
    /// What follows `world`.
    mutating func parseWorld(_ attributes: Attributes) throws(WITError) -> WorldSyntax {
        let name = try self.expectName("a world name")
        try self.expect("{", "to begin the world")
        var items: [WorldItemSyntax] = []
        while try !self.skip("}") {
            items.append(try self.parseWorldItem())
        }
        return WorldSyntax(name: name, attributes: attributes, items: items)
    }

    private mutating func parseWorldItem() throws(WITError) -> WorldItemSyntax {
        let attributes = try self.parseAttributes()
        let location = self.token.location
        if try self.skip(keyword: "import") {
            return .extern(try self.parseExtern(isImport: true, location, attributes))
        }
        if try self.skip(keyword: "export") {
            return .extern(try self.parseExtern(isImport: false, location, attributes))
        }
        if try self.skip(keyword: "use") { return .use(try self.parseUse(attributes)) }
        if try self.skip(keyword: "include") { return try self.parseInclude(attributes) }
        if let declaration = try self.parseTypeDeclaration(attributes) { return .type(declaration) }
        throw self.unexpected("`import`, `export`, `use`, `include`, a type or `}`")
    }

    private mutating func parseInclude(_ attributes: Attributes) throws(WITError) -> WorldItemSyntax {
        let path = try self.parseUsePath()
        var renames: [WorldItemSyntax.Rename] = []
        if try self.skip(keyword: "with") {
            try self.expect("{")
            renames = try self.commaSeparated(until: "}") { parser throws(WITError) in
                let from = try parser.expectName("the name to change")
                try parser.expect(keyword: "as")
                return WorldItemSyntax.Rename(from: from, to: try parser.expectName("the new name"))
            }
            // The semicolon after the braces is optional in the grammar.
            _ = try self.skip(";")
        } else {
            try self.expect(";", "or `with` after `include`")
        }
        return .include(path, renames: renames, attributes)
    }

    private mutating func parseExtern(
        isImport: Bool, _ location: SourceLocation, _ attributes: Attributes
    ) throws(WITError) -> ExternSyntax {
        let kind = try self.parseExternKind(attributes)
        return ExternSyntax(isImport: isImport, kind: kind, location: location, attributes: attributes)
    }

    private mutating func parseExternKind(_ attributes: Attributes) throws(WITError) -> ExternSyntax.Kind {
        let nameToken = self.token
        guard try self.isNamedExtern() else {
            let path = try self.parseUsePath()
            try self.expect(";", "after the interface")
            return .path(path)
        }
        let name = try self.expectName("a name")
        let colon = self.token
        try self.expect(":")
        if self.isAt(keyword: "func") || self.isAt(keyword: "async") {
            return .function(try self.parseFunction(name, kind: .free, attributes))
        }
        if try self.skip(keyword: "interface") {
            return .inlineInterface(try self.parseInterfaceBody(name, attributes))
        }
        if nameToken.end == colon.start, colon.end == self.token.start {
            throw WITError(
                .syntax, name.location, "`\(name.text):…` names a package, not an interface",
                expected: "`namespace:package/interface`, or a blank after `:`")
        }
        let path = try self.parseUsePath()
        try self.expect(";", "after the interface")
        return .namedPath(name, path)
    }

    /// Whether `name:` begins a named import. `a:b/c` without blanks is a path, `a: b/c` is not.
    private func isNamedExtern() throws(WITError) -> Bool {
        var ahead = self
        let name = ahead.token
        guard case .identifier = name.kind else { throw self.unexpected("a name or an interface") }
        try ahead.advance()
        let colon = ahead.token
        guard colon.kind == .mark(":") else { return false }
        try ahead.advance()
        if ahead.isAt(keyword: "func") || ahead.isAt(keyword: "async") || ahead.isAt(keyword: "interface") {
            return true
        }
        guard name.end == colon.start, colon.end == ahead.token.start else { return true }
        try ahead.advance()
        return !ahead.isAt("/") && !ahead.isAt(":")
    }
}

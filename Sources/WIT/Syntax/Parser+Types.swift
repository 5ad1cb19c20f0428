extension Parser {
    /// A type: primitive, constructed, or the name of a definition.
    mutating func parseType() throws(WITError) -> TypeSyntax {
        let location = self.token.location
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.maximumDepth else {
            throw WITError(.unsupported, location, "types are nested more than \(Self.maximumDepth) deep")
        }
        guard case .identifier(let word, let isEscaped) = self.token.kind else { throw self.unexpected("a type") }
        if isEscaped || !Token.keywords.contains(word) {
            try self.advance()
            return TypeSyntax(kind: .named(word), location: location)
        }
        return TypeSyntax(kind: try self.parseKeywordType(word), location: location)
    }

    private mutating func parseKeywordType(_ word: String) throws(WITError) -> TypeSyntax.Kind {
        if let primitive = PrimitiveType(rawValue: word) {
            try self.advance()
            return .primitive(primitive)
        }
        switch word {
        case "list":
            return try self.parseList()
        case "option":
            try self.advance()
            return .option(try self.parseArgument())
        case "result":
            return try self.parseResult()
        case "tuple":
            try self.advance()
            try self.expect("<")
            let elements = try self.commaSeparated(until: ">") { parser throws(WITError) in try parser.parseType() }
            guard !elements.isEmpty else {
                throw WITError(.type, self.token.location, "a tuple has no elements", expected: "at least one type")
            }
            return .tuple(elements)
        case "map":
            try self.advance()
            try self.expect("<")
            let key = try self.parseType()
            try self.expect(",", "and the type of the map's values")
            let value = try self.parseType()
            try self.expect(">")
            return .map(key, value)
        case "own", "borrow":
            try self.advance()
            try self.expect("<")
            let name = try self.expectName("the name of a resource")
            try self.expect(">")
            return word == "own" ? .own(name) : .borrow(name)
        case "future":
            try self.advance()
            return .future(self.isAt("<") ? try self.parseArgument() : nil)
        case "stream":
            try self.advance()
            return .stream(self.isAt("<") ? try self.parseArgument() : nil)
        default:
            throw WITError(
                .syntax, self.token.location, "the keyword `\(word)` is not a type", expected: "a type, or `%\(word)`")
        }
    }

    private mutating func parseArgument() throws(WITError) -> TypeSyntax {
        try self.expect("<")
        let type = try self.parseType()
        try self.expect(">")
        return type
    }

    private mutating func parseList() throws(WITError) -> TypeSyntax.Kind {
        try self.advance()
        try self.expect("<")
        let element = try self.parseType()
        guard try self.skip(",") else {
            guard try self.skip(">") else { throw self.unexpected("`>`, or `,` and a length") }
            return .list(element)
        }
        guard case .integer(let digits) = self.token.kind, let length = Int(digits), length > 0,
            length <= Int(UInt32.max)
        else { throw self.unexpected("a length from 1 to \(UInt32.max)") }
        try self.advance()
        try self.expect(">")
        return .fixedList(element, length)
    }

    private mutating func parseResult() throws(WITError) -> TypeSyntax.Kind {
        try self.advance()
        guard try self.skip("<") else { return .result(nil, nil) }
        if try self.skip("_") {
            try self.expect(",", "and the type of the error")
            let failure = try self.parseType()
            try self.expect(">")
            return .result(nil, failure)
        }
        let success = try self.parseType()
        let failure = try self.skip(",") ? try self.parseType() : nil
        guard try self.skip(">") else { throw self.unexpected(failure == nil ? "`,` or `>`" : "`>`") }
        return .result(success, failure)
    }
}

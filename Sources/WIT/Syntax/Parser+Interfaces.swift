extension Parser {
    /// `{ items }` of an interface.
    mutating func parseInterfaceBody(_ name: Name, _ attributes: Attributes) throws(WITError) -> InterfaceSyntax {
        try self.expect("{", "to begin the interface")
        var items: [InterfaceItem] = []
        while try !self.skip("}") {
            items.append(try self.parseInterfaceItem())
        }
        return InterfaceSyntax(name: name, attributes: attributes, items: items)
    }

    private mutating func parseInterfaceItem() throws(WITError) -> InterfaceItem {
        let attributes = try self.parseAttributes()
        if try self.skip(keyword: "use") { return .use(try self.parseUse(attributes)) }
        if let declaration = try self.parseTypeDeclaration(attributes) { return .type(declaration) }
        guard case .identifier(let text, let isEscaped) = self.token.kind,
            isEscaped || !Token.keywords.contains(text)
        else { throw self.unexpected("a type, `use`, a function or `}`") }
        let name = try self.expectName("a function name")
        try self.expect(":", "after the function's name")
        return .function(try self.parseFunction(name, kind: .free, attributes))
    }

    /// What follows `use`.
    mutating func parseUse(_ attributes: Attributes) throws(WITError) -> UseSyntax {
        let path = try self.parseUsePath()
        try self.expect(".", "and the names to use in braces")
        try self.expect("{")
        let entries = try self.commaSeparated(until: "}") { parser throws(WITError) in
            let name = try parser.expectName("the name of a type")
            let alias = try parser.skip(keyword: "as") ? try parser.expectName("a name") : nil
            return UseSyntax.Entry(name: name, alias: alias)
        }
        guard !entries.isEmpty else {
            throw WITError(.syntax, path.location, "this `use` names no type", expected: "at least one name")
        }
        try self.expect(";", "after `use`")
        return UseSyntax(path: path, entries: entries, attributes: attributes)
    }

    /// A definition of a type, nil when the token begins none.
    mutating func parseTypeDeclaration(_ attributes: Attributes) throws(WITError) -> TypeDeclaration? {
        let kind: TypeDeclaration.Kind
        let name: Name
        if try self.skip(keyword: "type") {
            name = try self.expectName("a type name")
            try self.expect("=")
            kind = .alias(try self.parseType())
            try self.expect(";", "after the type")
        } else if try self.skip(keyword: "record") {
            name = try self.expectName("a record name")
            kind = .record(try self.parseMembers(payload: .field))
        } else if try self.skip(keyword: "variant") {
            name = try self.expectName("a variant name")
            kind = .variant(try self.parseMembers(payload: .optionalPayload))
        } else if try self.skip(keyword: "enum") {
            name = try self.expectName("an enum name")
            kind = .enumeration(try self.parseMembers(payload: .none))
        } else if try self.skip(keyword: "flags") {
            name = try self.expectName("a flags name")
            kind = .flags(try self.parseMembers(payload: .none))
        } else if try self.skip(keyword: "resource") {
            name = try self.expectName("a resource name")
            kind = .resource(try self.parseResourceBody(name))
        } else {
            return nil
        }
        return TypeDeclaration(name: name, kind: kind, attributes: attributes)
    }

    private enum MemberPayload {
        case none
        case field
        case optionalPayload
    }

    private mutating func parseMembers(payload: MemberPayload) throws(WITError) -> [TypeDeclaration.Member] {
        try self.expect("{")
        return try self.commaSeparated(until: "}") { parser throws(WITError) in
            let documentation = parser.token.documentation
            let name = try parser.expectName(payload == .field ? "a field name or `}`" : "a case name or `}`")
            var type: TypeSyntax?
            switch payload {
            case .none: break
            case .field:
                try parser.expect(":", "and the field's type")
                type = try parser.parseType()
            case .optionalPayload:
                if try parser.skip("(") {
                    type = try parser.parseType()
                    try parser.expect(")")
                }
            }
            return TypeDeclaration.Member(name: name, type: type, documentation: documentation)
        }
    }

    private mutating func parseResourceBody(_ resource: Name) throws(WITError) -> [FunctionSyntax] {
        if try self.skip(";") { return [] }
        guard try self.skip("{") else { throw self.unexpected("`;` or `{`") }
        var functions: [FunctionSyntax] = []
        while try !self.skip("}") {
            let attributes = try self.parseAttributes()
            if self.isAt(keyword: "constructor") {
                let name = Name(text: "constructor", location: self.token.location)
                try self.advance()
                functions.append(try self.parseSignature(name, kind: .constructor, isAsync: false, attributes))
                continue
            }
            let name = try self.expectName("a method, `constructor` or `}`")
            try self.expect(":", "after the method's name")
            let isStatic = try self.skip(keyword: "static")
            functions.append(try self.parseFunction(name, kind: isStatic ? .static : .method, attributes))
        }
        return functions
    }

    /// `async func(…) -> …;`
    mutating func parseFunction(
        _ name: Name, kind: FunctionSyntax.Kind, _ attributes: Attributes
    ) throws(WITError) -> FunctionSyntax {
        let isAsync = try self.skip(keyword: "async")
        guard try self.skip(keyword: "func") else { throw self.unexpected(isAsync ? "`func`" : "`func` or `async`") }
        return try self.parseSignature(name, kind: kind, isAsync: isAsync, attributes)
    }

    private mutating func parseSignature(
        _ name: Name, kind: FunctionSyntax.Kind, isAsync: Bool, _ attributes: Attributes
    ) throws(WITError) -> FunctionSyntax {
        try self.expect("(")
        let parameters = try self.commaSeparated(until: ")") { parser throws(WITError) in
            let name = try parser.expectName("a parameter name or `)`")
            try parser.expect(":", "and the parameter's type")
            return FunctionSyntax.Parameter(name: name, type: try parser.parseType())
        }
        var result: TypeSyntax?
        if self.token.kind == .arrow {
            try self.advance()
            result = try self.parseType()
        }
        guard try self.skip(";") else { throw self.unexpected(result == nil ? "`->` or `;`" : "`;`") }
        return FunctionSyntax(
            name: name, kind: kind, isAsync: isAsync, parameters: parameters, result: result, attributes: attributes)
    }
}

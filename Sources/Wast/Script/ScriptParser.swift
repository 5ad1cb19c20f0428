/// From the forms of a file to its commands.
package struct ScriptParser {
    private let source: SourceFile

    private init(_ source: SourceFile) {
        self.source = source
    }

    /// The commands of a script.
    package static func parse(_ source: SourceFile) throws(TextError) -> [Command] {
        let parser = ScriptParser(source)
        let forms = try FormReader.read(source.bytes)
        if let first = forms.first, let keyword = first.keyword, Self.isModuleField(keyword) {
            // The file is one module, without the parentheses around it.
            let quoted = ModuleText(kind: .core, name: nil, encoding: .quote(source.bytes))
            return [Command(kind: .module(quoted), offset: first.range.lowerBound)]
        }
        return try parser.commands(forms)
    }

    private static func isModuleField(_ keyword: String) -> Bool {
        ["type", "import", "func", "table", "memory", "global", "export", "start", "elem", "data", "rec", "tag"]
            .contains(keyword)
    }

    private func commands(_ forms: some Sequence<Form>) throws(TextError) -> [Command] {
        var commands: [Command] = []
        for form in forms {
            commands.append(Command(kind: try self.command(form), offset: form.range.lowerBound))
        }
        return commands
    }

    private func command(_ form: Form) throws(TextError) -> Command.Kind {
        guard let members = form.members, let keyword = form.keyword else {
            throw TextError("a command in parentheses is expected here", at: form.range.lowerBound)
        }
        switch keyword {
        case "module", "component":
            return try self.moduleCommand(form, members, keyword == "module" ? .core : .component)
        case "register":
            let name = try self.string(members, 1, form)
            return .register(name, instance: members.count > 2 ? members[2].identifier : nil)
        case "invoke", "get": return .action(try self.action(form))
        case "assert_return":
            return .assertReturn(try self.action(self.member(members, 1, form)), Array(members.dropFirst(2)))
        case "assert_trap":
            let target = try self.member(members, 1, form)
            let message = members.count > 2 ? members[2].text ?? "" : ""
            switch target.keyword {
            case "module", "component": return .assertInstantiationTrap(try self.module(target), message: message)
            default: return .assertTrap(try self.action(target), message: message)
            }
        case "assert_exhaustion":
            return .assertExhaustion(
                try self.action(self.member(members, 1, form)), message: try self.string(members, 2, form))
        case "assert_exception": return .assertException(try self.action(self.member(members, 1, form)))
        case "assert_invalid", "assert_invalid_custom", "assert_malformed", "assert_malformed_custom",
            "assert_unlinkable":
            let module = try self.module(self.member(members, 1, form))
            let message = members.count > 2 ? members[2].text ?? "" : ""
            if keyword == "assert_unlinkable" { return .assertUnlinkable(module, message: message) }
            return keyword.hasPrefix("assert_invalid")
                ? .assertInvalid(module, message: message) : .assertMalformed(module, message: message)
        case "assert_suspension": return .skipped("stack switching is not part of this runtime")
        case "thread": return try self.thread(form, members)
        case "wait":
            guard members.count > 1, let name = members[1].identifier else {
                throw TextError("wait names a thread", at: form.range.lowerBound)
            }
            return .wait(name)
        default:
            throw TextError("'\(keyword)' is no command of a script", at: form.range.lowerBound)
        }
    }

    private func thread(_ form: Form, _ members: [Form]) throws(TextError) -> Command.Kind {
        guard members.count > 1, let name = members[1].identifier else {
            throw TextError("a thread has a name", at: form.range.lowerBound)
        }
        var rest = members.dropFirst(2)
        var shared: [String] = []
        while let first = rest.first, first.keyword == "shared" {
            if let module = first.members?.dropFirst().first?.members?.dropFirst().first?.identifier {
                shared.append(module)
            }
            rest = rest.dropFirst()
        }
        return .thread(name: name, shared: shared, try self.commands(rest))
    }

    // MARK: Modules

    private func moduleCommand(_ form: Form, _ members: [Form], _ kind: ModuleText.Kind)
        throws(TextError) -> Command.Kind
    {
        guard members.count > 1, let second = members[1].atom else { return .module(try self.module(form)) }
        switch second {
        case "definition": return .definition(try self.module(form))
        case "instance":
            let names = members.dropFirst(2).map(\.identifier)
            guard let name = names.first, names.count <= 2, !names.contains(nil) else {
                return .instance(kind, name: nil, of: nil)
            }
            return .instance(kind, name: name, of: names.count > 1 ? names[1] : nil)
        default: return .module(try self.module(form))
        }
    }

    private func module(_ form: Form) throws(TextError) -> ModuleText {
        guard let members = form.members, let keyword = form.keyword, ["module", "component"].contains(keyword) else {
            throw TextError("a module or component is expected here", at: form.range.lowerBound)
        }
        let kind: ModuleText.Kind = keyword == "module" ? .core : .component
        var blanks: [Range<Int>] = []
        var rest = members.dropFirst()
        if rest.first?.atom == "definition" {
            blanks.append(rest[rest.startIndex].range)
            rest = rest.dropFirst()
        }
        let name = rest.first?.identifier
        if name != nil { rest = rest.dropFirst() }
        guard let word = rest.first?.atom, word == "quote" || word == "binary" else {
            return ModuleText(kind: kind, name: name, encoding: .text(form.range, blanks: blanks))
        }
        var bytes: [UInt8] = []
        for form in rest.dropFirst() {
            guard let string = form.string else {
                throw TextError("'\(word)' is followed by strings", at: form.range.lowerBound)
            }
            bytes += string
            if word == "quote" { bytes.append(UInt8(ascii: "\n")) }
        }
        guard word == "quote" else { return ModuleText(kind: kind, name: name, encoding: .binary(bytes)) }
        return ModuleText(
            kind: kind, name: name, encoding: .quote(Array("(\(keyword) ".utf8) + bytes + Array(")".utf8)))
    }

    // MARK: Actions

    private func action(_ form: Form) throws(TextError) -> Action {
        guard let members = form.members, let keyword = form.keyword, keyword == "invoke" || keyword == "get" else {
            throw TextError("'invoke' or 'get' is expected here", at: form.range.lowerBound)
        }
        var rest = members.dropFirst()
        let instance = rest.first?.identifier
        if instance != nil { rest = rest.dropFirst() }
        guard let field = rest.first?.text else {
            throw TextError("'\(keyword)' names an export", at: form.range.lowerBound)
        }
        return Action(
            kind: keyword == "get" ? .get : .invoke(Array(rest.dropFirst())), instance: instance, field: field)
    }

    private func member(_ members: [Form], _ index: Int, _ form: Form) throws(TextError) -> Form {
        guard members.indices.contains(index) else {
            throw TextError("'\(form.keyword ?? "")' is not complete", at: form.range.lowerBound)
        }
        return members[index]
    }

    private func string(_ members: [Form], _ index: Int, _ form: Form) throws(TextError) -> String {
        guard let text = try self.member(members, index, form).text else {
            throw TextError("a string is expected here", at: members[index].range.lowerBound)
        }
        return text
    }
}

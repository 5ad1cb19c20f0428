/// Writes resolved packages as WIT again: names and types as resolved, without what gates left out.
package struct Printer {
    private let model: ResolvedModel
    private var writer = SourceWriter()
    /// Names of the types in scope.
    private var names: [TypeID: String] = [:]

    /// The text of one package: `package a:b@1.0.0;` and its items.
    package static func print(_ id: PackageID, of model: ResolvedModel) -> String {
        var printer = Printer(model: model)
        printer.writer.documentation(model[id].documentation)
        printer.writer.line("package \(Self.spell(model[id].name));")
        for interface in model[id].interfaces {
            printer.writer.line()
            printer.write(interface)
        }
        for world in model[id].worlds {
            printer.writer.line()
            printer.write(world)
        }
        return printer.writer.text
    }

    private init(model: ResolvedModel) {
        self.model = model
    }

    // MARK: Names

    private static func spell(_ name: String) -> String { Token.keywords.contains(name) ? "%\(name)" : name }

    private static func spell(_ name: PackageName) -> String {
        let words = (name.namespace.split(separator: ":") + [Substring(name.name)]).map { self.spell(String($0)) }
        return words.joined(separator: ":") + (name.version.map { "@\($0)" } ?? "")
    }

    private func spell(_ id: InterfaceID, from package: PackageID) -> String {
        let interface = self.model[id]
        let name = Self.spell(interface.name ?? "")
        guard interface.package != package else { return name }
        let packageName = self.model[interface.package].name
        let unversioned = PackageName(namespace: packageName.namespace, name: packageName.name)
        return "\(Self.spell(unversioned))/\(name)" + (packageName.version.map { "@\($0)" } ?? "")
    }

    private func spell(_ id: TypeID) -> String { Self.spell(self.names[id] ?? self.model[id].name) }

    private func spell(_ type: WITType) -> String {
        func optional(_ word: String, _ payload: WITType?) -> String {
            payload.map { "\(word)<\(self.spell($0))>" } ?? word
        }
        switch type {
        case .primitive(let primitive): return primitive.rawValue
        case .named(let id), .own(let id): return self.spell(id)
        case .borrow(let id): return "borrow<\(self.spell(id))>"
        case .list(let element): return "list<\(self.spell(element))>"
        case .fixedList(let element, let length): return "list<\(self.spell(element)), \(length)>"
        case .map(let key, let value): return "map<\(self.spell(key)), \(self.spell(value))>"
        case .option(let wrapped): return "option<\(self.spell(wrapped))>"
        case .result(let success, nil): return optional("result", success)
        case .result(let success, let failure?):
            return "result<\(success.map { self.spell($0) } ?? "_"), \(self.spell(failure))>"
        case .tuple(let elements): return "tuple<\(elements.map { self.spell($0) }.joined(separator: ", "))>"
        case .future(let payload): return optional("future", payload)
        case .stream(let payload): return optional("stream", payload)
        }
    }

    // MARK: Items

    private mutating func write(_ attributes: Attributes) {
        self.writer.documentation(attributes.documentation)
        if let since = attributes.since { self.writer.line("@since(version = \(since))") }
        if let unstable = attributes.unstable { self.writer.line("@unstable(feature = \(Self.spell(unstable)))") }
        if let deprecated = attributes.deprecated { self.writer.line("@deprecated(version = \(deprecated))") }
    }

    private mutating func write(_ id: InterfaceID) {
        let interface = self.model[id]
        self.write(interface.attributes)
        self.writer.open("interface \(Self.spell(interface.name ?? "")) {")
        self.writeBody(id)
        self.writer.close()
    }

    private mutating func writeBody(_ id: InterfaceID) {
        let interface = self.model[id]
        self.names = [:]
        for use in interface.uses {
            self.names[use.type] = use.name
            // The name there may differ: the type may itself be used by that interface under another name.
            let there = self.model[use.interface].uses.first { $0.type == use.type }?.name ?? self.model[use.type].name
            let entry = there == use.name ? Self.spell(there) : "\(Self.spell(there)) as \(Self.spell(use.name))"
            self.writer.line("use \(self.spell(use.interface, from: interface.package)).{\(entry)};")
        }
        for type in interface.types { self.write(type, functions: interface.functions) }
        for function in interface.functions where function.kind == .free { self.write(function) }
    }

    private mutating func write(_ id: TypeID, functions: [ResolvedFunction]) {
        let definition = self.model[id]
        let name = Self.spell(definition.name)
        self.write(definition.attributes)
        switch definition.kind {
        case .alias(let type): self.writer.line("type \(name) = \(self.spell(type));")
        case .record(let members): self.write("record", name, members)
        case .variant(let members): self.write("variant", name, members)
        case .enumeration(let members): self.write("enum", name, members)
        case .flags(let members): self.write("flags", name, members)
        case .resource:
            let members = functions.filter { $0.kind.resource == id }
            guard !members.isEmpty else {
                self.writer.line("resource \(name);")
                return
            }
            self.writer.open("resource \(name) {")
            for member in members { self.write(member) }
            self.writer.close()
        }
    }

    private mutating func write(_ keyword: String, _ name: String, _ members: [TypeDefinition.Member]) {
        self.writer.open("\(keyword) \(name) {")
        for member in members {
            self.writer.documentation(member.documentation)
            let type = member.type.map { keyword == "record" ? ": \(self.spell($0))" : "(\(self.spell($0)))" } ?? ""
            self.writer.line("\(Self.spell(member.name))\(type),")
        }
        self.writer.close()
    }

    private mutating func write(_ function: ResolvedFunction, prefix: String = "") {
        self.write(function.attributes)
        var parameters = function.parameters
        var result = function.result
        var head = "\(prefix)\(Self.spell(function.shortName)): "
        switch function.kind {
        case .free: break
        case .method: parameters.removeFirst()
        case .static: head += "static "
        case .constructor:
            head = "constructor"
            // The own resource is what a constructor returns unless it says otherwise.
            if case .own = result { result = nil }
        }
        if function.kind.isConstructor == false { head += function.isAsync ? "async func" : "func" }
        let list = parameters.map { "\(Self.spell($0.name)): \(self.spell($0.type))" }
        self.writer.line(
            "\(head)(\(list.joined(separator: ", ")))\(result.map { " -> \(self.spell($0))" } ?? "");")
    }

    private mutating func write(_ id: WorldID) {
        let world = self.model[id]
        self.write(world.attributes)
        self.writer.open("world \(Self.spell(world.name)) {")
        for item in world.imports { self.write(item, "import", in: world.package) }
        for item in world.exports { self.write(item, "export", in: world.package) }
        self.writer.close()
    }

    private mutating func write(_ item: ResolvedWorld.Item, _ keyword: String, in package: PackageID) {
        let label = item.name.map { "\(keyword) \(Self.spell($0)): " }
        switch item.kind {
        case .type(let type):
            self.write(type, functions: [])
        case .function(let function):
            self.write(function, prefix: "\(keyword) ")
        case .interface(let id):
            guard self.model[id].name == nil, let label else {
                self.writer.line("\(label ?? "\(keyword) ")\(self.spell(id, from: package));")
                return
            }
            self.writer.open("\(label)interface {")
            self.writeBody(id)
            self.writer.close()
        }
    }
}

extension ResolvedFunction.Kind {
    fileprivate var isConstructor: Bool {
        if case .constructor = self { return true }
        return false
    }
}

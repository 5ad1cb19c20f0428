/// Writes the part of an interface that host code is written against: types, protocols, the table of functions.
struct HostTypesWriter {
    let context: BindingsContext
    let interface: InterfaceID
    var writer = SourceWriter()

    private var model: ResolvedModel { self.context.model }
    private var resources: [TypeID] {
        self.model[self.interface].types.filter { id in
            if case .resource = self.model[id].kind { return true }
            return false
        }
    }

    mutating func write() {
        let interface = self.model[self.interface]
        let name = self.model.unversionedName(of: self.interface) ?? ""
        let line = self.model[interface.package].name.version?.resourceLine ?? ""
        self.writer.documentation(
            interface.attributes.documentation.isEmpty ? ["`\(name)\(line)`."] : interface.attributes.documentation)
        self.writer.open("package enum \(self.context.namespace(of: self.interface)) {")
        for id in self.context.generatedTypes(of: self.interface) {
            self.writeType(id)
            self.writer.line()
        }
        for id in self.resources { self.writeProtocol(id) }
        let functions = interface.functions.filter { $0.kind == .free }
        if !functions.isEmpty {
            self.writer.documentation([
                "The functions of the interface that belong to no resource: "
                    + "``\(self.context.functionsType(of: self.interface))``."
            ])
            self.writer.open("package protocol Functions {")
            for function in functions { self.writeRequirement(function) }
            self.writer.close()
            self.writer.line()
        }
        for id in self.resources {
            let resource = self.model[id].name
            self.writer.call(
                "package static let \(SwiftNames.lowerCamel(resource))Type = HostResourceType(",
                ["interface: \"\(name)\(line)\"", "name: \"\(resource)\""])
        }
        if !self.resources.isEmpty { self.writer.line() }
        self.writeTable(name)
        self.writer.close()
    }

    // MARK: Types

    private mutating func writeType(_ id: TypeID) {
        let definition = self.model[id]
        let name = SwiftNames.type(definition.name)
        let documentation = definition.attributes.documentation
        self.writer.documentation(documentation.isEmpty ? ["`\(definition.name)`."] : documentation)
        if let original = self.context.shared.original(of: id) {
            return self.writer.line("package typealias \(name) = \(self.context.qualifiedName(original))")
        }
        switch definition.kind {
        case .record(let fields): self.writeRecord(id, name, fields)
        case .variant(let cases):
            self.writer.open("package enum \(name)\(self.context.isPlain(id) ? ": Hashable, Sendable" : "") {")
            for member in cases {
                self.writer.documentation(member.documentation)
                let payload = member.type.map { "(\(self.memberType($0, of: id)))" } ?? ""
                self.writer.line("case \(SwiftNames.identifier(member.name))\(payload)")
            }
            self.writer.close()
        case .enumeration(let cases):
            let raw = "UInt\(8 * ResolvedModel.discriminantSize(cases: cases.count))"
            self.writer.open("package enum \(name): \(raw), Sendable {")
            for member in cases {
                self.writer.documentation(member.documentation)
                self.writer.line("case \(SwiftNames.identifier(member.name))")
            }
            self.writer.close()
        case .flags(let flags):
            let raw = "UInt\(8 * self.model.layout(of: .named(id)).size)"
            self.writer.open("package struct \(name): OptionSet, Hashable, Sendable {")
            self.writer.line("package let rawValue: \(raw)")
            self.writer.line()
            self.writer.open("package init(rawValue: \(raw)) {")
            self.writer.line("self.rawValue = rawValue")
            self.writer.close()
            self.writer.line()
            for (bit, member) in flags.enumerated() {
                self.writer.documentation(member.documentation)
                self.writer.call(
                    "package static let \(SwiftNames.identifier(member.name)) = \(name)(", ["rawValue: 1 << \(bit)"])
            }
            self.writer.close()
        case .alias, .resource: break
        }
    }

    private func memberType(_ type: WITType, of id: TypeID) -> String {
        self.context.swiftType(type, self.context.memberPosition(id), in: self.interface)
    }

    private mutating func writeRecord(_ id: TypeID, _ name: String, _ fields: [TypeDefinition.Member]) {
        self.writer.open("package struct \(name)\(self.context.isPlain(id) ? ": Hashable, Sendable" : "") {")
        var parameters: [String] = []
        for field in fields {
            guard let type = field.type else { continue }
            let fieldName = SwiftNames.identifier(field.name)
            let swiftType = self.memberType(type, of: id)
            self.writer.documentation(field.documentation)
            self.writer.line("package var \(fieldName): \(swiftType)")
            parameters.append("\(fieldName): \(swiftType)")
        }
        self.writer.line()
        self.writer.call("package init(", parameters, ") {", closesOnOwnLine: true)
        self.writer.middleIndented {
            for field in fields {
                let fieldName = SwiftNames.identifier(field.name)
                $0.line("self.\(SwiftNames.lowerCamel(field.name)) = \(fieldName)")
            }
        }
        self.writer.line("}")
        self.writer.close()
    }

    // MARK: Protocols

    private mutating func writeProtocol(_ id: TypeID) {
        let definition = self.model[id]
        let documentation = definition.attributes.documentation
        self.writer.documentation(
            documentation + ["Resource `\(definition.name)`: ``\(self.context.resourceClass(id))``."])
        let functions = self.model[self.interface].functions.filter { $0.kind.resource == id }
        let head = "package protocol \(SwiftNames.type(definition.name)): AnyObject {"
        if functions.isEmpty {
            self.writer.line(head + "}")
        } else {
            self.writer.open(head)
            for function in functions { self.writeRequirement(function) }
            self.writer.close()
        }
        self.writer.line()
    }

    private mutating func writeRequirement(_ function: ResolvedFunction) {
        self.writer.documentation(function.attributes.documentation)
        var parameters: [String] = []
        var isStatic = true
        if case .method = function.kind { isStatic = false }
        for parameter in function.parameters.dropFirst(isStatic ? 0 : 1) {
            let position: BindingsContext.Position = function.isAsync ? .nestedParameter : .parameter
            let type = self.context.swiftType(parameter.type, position, in: self.interface)
            parameters.append("\(Self.label(parameter.name)): \(type)")
        }
        parameters.append("in call: borrowing HostCall")
        var result = function.result.map { self.context.swiftType($0, .result, in: self.interface) } ?? ""
        if function.isAsync { result = "HostAnswer<\(result.isEmpty ? "Void" : result)>" }
        if !result.isEmpty { result = " -> \(result)" }
        self.writer.call(
            "\(isStatic ? "static " : "")func \(Self.method(function))(", parameters, ") throws\(result)",
            closesOnOwnLine: true)
    }

    /// The Swift name of a function: `make` for a constructor.
    static func method(_ function: ResolvedFunction) -> String {
        if case .constructor = function.kind { return "make" }
        return SwiftNames.identifier(function.shortName)
    }

    /// A parameter's name; one called `call` must not hide the call itself.
    static func label(_ name: String) -> String {
        let label = SwiftNames.argumentLabel(name)
        return label == "call" ? "call callValue" : label
    }

    // MARK: Table

    private mutating func writeTable(_ name: String) {
        let interface = self.model[self.interface]
        self.writer.documentation(["What the host offers to components under this name."])
        self.writer.open("package static let interface = HostInterface(")
        self.writer.line("name: \"\(name)\",")
        self.writer.line("versions: [\(self.versions())],")
        let resources = self.resources.map { id in
            "\"\(self.model[id].name)\": \(SwiftNames.lowerCamel(self.model[id].name))Type"
        }
        if resources.isEmpty {
            self.writer.line("resources: [:],")
        } else {
            self.writer.open("resources: [")
            // swift-format leaves no comma after an only element.
            for resource in resources { self.writer.line(resource + (resources.count > 1 ? "," : "")) }
            self.writer.close("],")
        }
        if interface.functions.isEmpty {
            self.writer.line("functions: []")
        } else {
            self.writer.open("functions: [")
            let comma = interface.functions.count > 1 ? "," : ""
            for function in interface.functions {
                self.writer.open("HostFunction(")
                self.writer.line("name: \"\(function.name)\",")
                self.writer.literal("signature: ", self.model.signature(of: function), ",")
                self.writer.line("call: Self.\(HostGlueWriter.glueName(function, self.model)))\(comma)")
                self.writer.indent(by: -1)
            }
            self.writer.close("]")
        }
        self.writer.close(")")
    }

    /// The versions that one implementation serves: those that semantic versioning calls compatible.
    private func versions() -> String {
        guard let version = self.model[self.model[self.interface].package].name.version else { return "" }
        var from: SemanticVersion
        let below: SemanticVersion
        switch (version.major, version.minor) {
        case _ where !version.prerelease.isEmpty:
            // A pre-release promises nothing to any other: nothing lies between it and itself with one more field.
            return "VersionRange(from: \"\(version)\", below: \"\(version).0\")"
        case (0, 0):
            from = version
            below = SemanticVersion(0, 0, version.patch + 1)
        case (0, let minor):
            from = SemanticVersion(0, minor, 0)
            below = SemanticVersion(0, minor + 1, 0)
        case (let major, _):
            from = SemanticVersion(major, 0, 0)
            below = SemanticVersion(major + 1, 0, 0)
        }
        // An interface that is the same as in a release candidate says so: `@since(version = 0.3.0-rc-1)`.
        if let since = self.model[self.interface].attributes.since, !since.prerelease.isEmpty {
            from = min(from, since)
        }
        return "VersionRange(from: \"\(from)\", below: \"\(below)\")"
    }
}

extension SourceWriter {
    /// Lines one level deeper than what surrounds them.
    mutating func middleIndented(_ body: (inout SourceWriter) -> Void) {
        self.indent(by: 1)
        body(&self)
        self.indent(by: -1)
    }
}

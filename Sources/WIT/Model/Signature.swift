extension ResolvedModel {
    /// The canonical text of a function's type: types expanded, parameter names left out, resources by identity.
    ///
    /// The decoder of components spells the types of imports the same way; the two are compared at load.
    package func signature(of function: ResolvedFunction) -> String {
        let parameters = function.parameters.map { self.signature(of: $0.type) }.joined(separator: ", ")
        let result = function.result.map { " -> \(self.signature(of: $0))" } ?? ""
        return "\(function.isAsync ? "async " : "")(\(parameters))\(result)"
    }

    /// `wasi:io/streams.input-stream`: the interface that defines the resource, not the one that uses it.
    package func identity(ofResource id: TypeID) -> String {
        let definition = self[self.definition(behind: id)]
        switch definition.owner {
        case .interface(let interface):
            guard let name = self.resourceScope(of: interface) else { return definition.name }
            return "\(name).\(definition.name)"
        case .world:
            return definition.name
        }
    }

    /// The interface as the identity of its resources has it: `wasi:io/streams`, `wasi:http/types@0.3`.
    package func resourceScope(of id: InterfaceID) -> String? {
        let line = self[self[id].package].name.version?.resourceLine ?? ""
        return self.unversionedName(of: id).map { $0 + line }
    }

    /// The canonical text of one type.
    package func signature(of type: WITType) -> String {
        switch type {
        case .primitive(let primitive): return primitive.rawValue
        case .own(let id): return "own<\(self.identity(ofResource: id))>"
        case .borrow(let id): return "borrow<\(self.identity(ofResource: id))>"
        case .list(let element): return "list<\(self.signature(of: element))>"
        case .fixedList(let element, let length): return "list<\(self.signature(of: element)), \(length)>"
        // As the Canonical ABI has it, and the decoder.
        case .map(let key, let value): return self.signature(of: .list(.tuple([key, value])))
        case .option(let wrapped): return "option<\(self.signature(of: wrapped))>"
        case .result(nil, nil): return "result"
        case .result(let success?, nil): return "result<\(self.signature(of: success))>"
        case .result(let success, let failure?):
            return "result<\(success.map(self.signature(of:)) ?? "_"), \(self.signature(of: failure))>"
        case .tuple(let elements): return "tuple<\(elements.map(self.signature(of:)).joined(separator: ", "))>"
        case .future(let payload): return "future" + (payload.map { "<\(self.signature(of: $0))>" } ?? "")
        case .stream(let payload): return "stream" + (payload.map { "<\(self.signature(of: $0))>" } ?? "")
        case .named(let id): return self.signature(ofDefinition: id)
        }
    }

    private func signature(ofDefinition id: TypeID) -> String {
        func list(_ members: [TypeDefinition.Member], _ spell: (TypeDefinition.Member) -> String) -> String {
            "{\(members.map(spell).joined(separator: ", "))}"
        }
        switch self[id].kind {
        case .alias(let type): return self.signature(of: type)
        case .record(let fields):
            return "record" + list(fields) { "\($0.name): \($0.type.map(self.signature(of:)) ?? "_")" }
        case .variant(let cases):
            return "variant" + list(cases) { $0.name + ($0.type.map { "(\(self.signature(of: $0)))" } ?? "") }
        case .enumeration(let cases): return "enum" + list(cases, \.name)
        case .flags(let names): return "flags" + list(names, \.name)
        case .resource: return "own<\(self.identity(ofResource: id))>"
        }
    }
}

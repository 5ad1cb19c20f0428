/// Resolving types: indices become expanded types, bounded in size and depth.
extension Planner {
    func type(_ syntax: TypeSyntax, in scope: Int) throws(ComponentError) -> TypeItem {
        switch syntax {
        case .value(let type): return .value(try self.definedType(type, in: scope))
        case .function(let type): return .function(try self.functionType(type, in: scope))
        case .component(let declarations):
            return .component(
                TypeClosure(syntax: declarations, scope: scope, mark: self.scopes[scope].currentMark))
        case .instance(let declarations):
            return .instance(
                TypeClosure(syntax: declarations, scope: scope, mark: self.scopes[scope].currentMark))
        case .resource(let representation, let destructor):
            guard representation == .i32 else { throw self.unsupported("a resource represented by i64") }
            guard let componentInstance = self.scopes[scope].componentInstance else {
                throw self.invalid("a resource type is defined inside a type")
            }
            return .resource(try self.defineResource(destructor, in: scope, componentInstance: componentInstance))
        }
    }

    private func defineResource(_ destructor: UInt32?, in scope: Int, componentInstance: Int)
        throws(ComponentError) -> ResourceID
    {
        var slot: Int?
        if let destructor {
            let item = try self.lookUp(self.scopes[scope].coreFunctions, destructor, "core function")
            try self.expect(item, .resourceDrop, "the destructor of a resource")
            slot = self.functionSlot(item.definition)
        }
        return try self.addResource(.defined(componentInstance: componentInstance, destructor: slot))
    }

    func functionType(_ syntax: FunctionTypeSyntax, in scope: Int) throws(ComponentError) -> ResolvedFunctionType {
        var parameters: [ComponentFunctionType.Parameter] = []
        parameters.reserveCapacity(syntax.parameters.count)
        var nodes = 1
        var parametersContainPointers = false
        var mentionsResource = false
        for parameter in syntax.parameters {
            let type = try self.valueType(parameter.type, in: scope)
            parameters.append(.init(parameter.label, type.type))
            nodes += type.nodes + Limits.nodes(ofLabel: parameter.label)
            parametersContainPointers = parametersContainPointers || type.containsPointers
            mentionsResource = mentionsResource || type.mentionsResource
        }
        let result = try self.optional(syntax.result, in: scope)
        if let result {
            guard !result.containsBorrow else { throw self.invalid("the result of a function has a borrow in it") }
            nodes += result.nodes
            mentionsResource = mentionsResource || result.mentionsResource
        }
        guard nodes <= Limits.typeNodes else { throw self.unsupported("a function type of more than 1,000,000 parts") }
        try self.spend(nodes + syntax.parameters.count * Limits.workOfPart)
        return ResolvedFunctionType(
            type: ComponentFunctionType(parameters, result: result?.type, isAsync: syntax.isAsync), nodes: nodes,
            parametersContainPointers: parametersContainPointers,
            resultContainsPointers: result?.containsPointers ?? false, mentionsResource: mentionsResource)
    }

    func valueType(_ syntax: ValueTypeSyntax, in scope: Int) throws(ComponentError) -> ResolvedType {
        switch syntax {
        case .primitive(let type): return .primitive(type)
        case .index(let index):
            guard case .value(let type) = try self.lookUp(self.scopes[scope].types, index, "type") else {
                throw self.invalid("type \(index) is not a value type")
            }
            return type
        }
    }

    func optional(_ syntax: ValueTypeSyntax?, in scope: Int) throws(ComponentError) -> ResolvedType? {
        guard let syntax else { return nil }
        return try self.valueType(syntax, in: scope)
    }

    func resource(_ index: UInt32, in scope: Int) throws(ComponentError) -> ResourceID {
        guard case .resource(let resource) = try self.lookUp(self.scopes[scope].types, index, "type") else {
            throw self.invalid("type \(index) is not a resource type")
        }
        return resource
    }

    private func definedType(_ syntax: DefinedTypeSyntax, in scope: Int) throws(ComponentError) -> ResolvedType {
        let type = try self.unboundedType(syntax, in: scope)
        guard type.depth <= Limits.nesting else {
            throw self.unsupported("a type nested deeper than \(Limits.nesting)")
        }
        guard type.nodes <= Limits.typeNodes else { throw self.unsupported("a type of more than 1,000,000 parts") }
        return type
    }

    private func unboundedType(_ syntax: DefinedTypeSyntax, in scope: Int) throws(ComponentError) -> ResolvedType {
        switch syntax {
        case .primitive(let type): return .primitive(type)
        case .list(let element):
            let element = try self.valueType(element, in: scope)
            var list = ResolvedType(.list(element.type), parts: [element])
            list.containsPointers = true
            return list
        case .map(let key, let value):
            // As the Canonical ABI has it: a list of pairs.
            let parts = [try self.valueType(key, in: scope), try self.valueType(value, in: scope)]
            let pair = ResolvedType(.tuple(parts.map(\.type)), parts: parts)
            var list = ResolvedType(.list(pair.type), parts: [pair])
            list.containsPointers = true
            return list
        case .fixedList(let element, let count):
            let element = try self.valueType(element, in: scope)
            let count = Int(count)
            return ResolvedType(.fixedList(element.type, count), parts: [element])
        case .record(let fields):
            let parts = try self.valueTypes(fields.map(\.type), in: scope)
            let type = zip(fields, parts).map { ValueType.Field($0.label, $1.type) }
            return ResolvedType(.record(type), parts: parts)
        case .tuple(let elements):
            let parts = try self.valueTypes(elements, in: scope)
            return ResolvedType(.tuple(parts.map(\.type)), parts: parts)
        case .variant(let cases): return try self.variant(cases, in: scope)
        case .flags(let labels):
            return ResolvedType(.flags(labels))
        case .enumeration(let labels):
            return ResolvedType(.enum(labels))
        case .option(let some):
            let some = try self.valueType(some, in: scope)
            return ResolvedType(.option(some.type), parts: [some])
        case .result(let ok, let error):
            let ok = try self.optional(ok, in: scope)
            let error = try self.optional(error, in: scope)
            let parts = [ok, error].compactMap { $0 }
            return ResolvedType(.result(ok: ok?.type, error: error?.type), parts: parts)
        case .own(let index):
            var handle = ResolvedType(.own(try self.resource(index, in: scope)))
            handle.mentionsResource = true
            return handle
        case .borrow(let index):
            var handle = ResolvedType(.borrow(try self.resource(index, in: scope)))
            handle.mentionsResource = true
            handle.containsBorrow = true
            return handle
        case .stream(let element):
            let element = try self.asynchronousElement(element, in: scope)
            guard element?.type != .char else { throw self.invalid("streams of characters are not allowed") }
            return self.asynchronous(.stream(element?.type), element)
        case .future(let element):
            let element = try self.asynchronousElement(element, in: scope)
            return self.asynchronous(.future(element?.type), element)
        }
    }

    private func valueTypes(_ syntax: [ValueTypeSyntax], in scope: Int) throws(ComponentError) -> [ResolvedType] {
        var types: [ResolvedType] = []
        types.reserveCapacity(syntax.count)
        for type in syntax { types.append(try self.valueType(type, in: scope)) }
        // Re-evaluated for each instance of the component: the file's size alone does not bound this.
        try self.spend(types.count * Limits.workOfPart)
        return types
    }

    private func variant(_ syntax: [CaseSyntax], in scope: Int) throws(ComponentError) -> ResolvedType {
        var cases: [ValueType.Case] = []
        cases.reserveCapacity(syntax.count)
        var parts: [ResolvedType] = []
        for `case` in syntax {
            let type = try self.optional(`case`.type, in: scope)
            cases.append(.init(`case`.label, type?.type))
            if let type { parts.append(type) }
        }
        try self.spend(cases.count * Limits.workOfPart)
        return ResolvedType(.variant(cases), parts: parts)
    }

    private func asynchronousElement(_ syntax: ValueTypeSyntax?, in scope: Int) throws(ComponentError) -> ResolvedType?
    {
        let element = try self.optional(syntax, in: scope)
        guard element?.containsBorrow != true else {
            throw self.invalid("the element of a stream or future has a borrow in it")
        }
        return element
    }

    private func asynchronous(_ type: ValueType, _ element: ResolvedType?) -> ResolvedType {
        var resolved = ResolvedType(type, parts: element.map { [$0] } ?? [])
        // A handle, whatever travels through it.
        resolved.containsPointers = false
        return resolved
    }
}

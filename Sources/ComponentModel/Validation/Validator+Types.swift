/// Type definitions.
extension Validator {
    func type(_ syntax: TypeSyntax, in scope: ComponentScope) throws(ComponentError) -> TypeID {
        switch syntax {
        case .value(let type): return try self.arena.add(.value(try self.definedType(type, in: scope)))
        case .function(let type): return try self.arena.add(.function(try self.functionType(type, in: scope)))
        case .component(let declarations):
            let declared = try self.declare(declarations, .componentType)
            return try self.finish(declared)
        case .instance(let declarations):
            let declared = try self.declare(declarations, .instanceType)
            return try self.finishInstanceType(declared)
        case .resource(let representation, let destructor):
            guard scope.kind == .component else {
                throw self.invalid("resources can only be defined within a concrete component")
            }
            if let destructor {
                let function = try self.lookUp(scope.coreFunctions, destructor, "function")
                guard function == self.arena.coreTypes.function(CoreFunctionType([representation])) else {
                    throw self.invalid(
                        "wrong signature for a destructor: core function \(destructor) has type "
                            + self.arena.coreTypes.text(function))
                }
            }
            let resource = self.arena.newVariable()
            scope.definedVariables.append(resource)
            scope.representations[resource] = representation
            return try self.arena.add(.resource(resource))
        }
    }

    private func declare(_ syntax: DeclarationsSyntax, _ kind: ComponentScope.Kind)
        throws(ComponentError) -> ComponentScope
    {
        let start = self.arena.offset
        let scope = try self.inScope(kind) { (scope) throws(ComponentError) in
            for declaration in syntax.declarations {
                self.arena.offset = declaration.offset
                try self.arena.spend()
                switch declaration.kind {
                case .coreType(let type): try self.coreType(type, in: scope)
                case .type(let type): scope.types.append(try self.type(type, in: scope))
                case .alias(let alias): try self.alias(alias, in: scope)
                case .import(let syntax): try self.import(syntax, in: scope)
                case .export(let syntax): try self.declareExport(syntax, in: scope)
                }
            }
        }
        self.arena.offset = start
        return scope
    }

    func functionType(_ index: UInt32, in scope: ComponentScope) throws(ComponentError) -> TypeID {
        let type = try self.lookUp(scope.types, index, "type")
        guard case .function = self.arena[type].definition else {
            throw self.invalid("type index \(index) is not a function type")
        }
        return type
    }

    private func functionType(_ syntax: FunctionTypeSyntax, in scope: ComponentScope)
        throws(ComponentError) -> FunctionShape
    {
        var parameters: [FunctionShape.Parameter] = []
        parameters.reserveCapacity(syntax.parameters.count)
        for parameter in syntax.parameters {
            parameters.append(.init(name: parameter.label, type: try self.value(parameter.type, in: scope)))
        }
        let result = try self.optional(syntax.result, in: scope)
        if case .type(let id) = result, self.arena[id].containsBorrow {
            throw self.invalid("function result cannot contain a `borrow` type")
        }
        return FunctionShape(parameters: parameters, result: result, isAsync: syntax.isAsync)
    }

    // MARK: Value types

    func value(_ syntax: ValueTypeSyntax, in scope: ComponentScope) throws(ComponentError) -> ValueReference {
        switch syntax {
        case .primitive(let type): return .primitive(type)
        case .index(let index):
            let type = try self.lookUp(scope.types, index, "type")
            guard case .value = self.arena[type].definition else {
                throw self.invalid("type index \(index) is not a defined type")
            }
            return .type(type)
        }
    }

    func optional(_ syntax: ValueTypeSyntax?, in scope: ComponentScope) throws(ComponentError) -> ValueReference? {
        guard let syntax else { return nil }
        return try self.value(syntax, in: scope)
    }

    func resource(_ index: UInt32, in scope: ComponentScope) throws(ComponentError) -> TypeID {
        let type = try self.lookUp(scope.types, index, "type")
        guard self.arena.resource(type) != nil else {
            throw self.invalid("type index \(index) is not a resource type")
        }
        return type
    }

    private func definedType(_ syntax: DefinedTypeSyntax, in scope: ComponentScope)
        throws(ComponentError) -> DefinedValueType
    {
        switch syntax {
        case .primitive(let type): return .primitive(type)
        case .record(let fields):
            var types: [DefinedValueType.Field] = []
            types.reserveCapacity(fields.count)
            for field in fields {
                types.append(.init(name: field.label, type: try self.value(field.type, in: scope)))
            }
            return .record(types)
        case .variant(let cases):
            var types: [DefinedValueType.Case] = []
            types.reserveCapacity(cases.count)
            for `case` in cases {
                types.append(.init(name: `case`.label, type: try self.optional(`case`.type, in: scope)))
            }
            return .variant(types)
        case .list(let element): return .list(try self.value(element, in: scope))
        case .fixedList(let element, let count): return .fixedList(try self.value(element, in: scope), Int(count))
        case .tuple(let elements):
            var types: [ValueReference] = []
            types.reserveCapacity(elements.count)
            for element in elements { types.append(try self.value(element, in: scope)) }
            return .tuple(types)
        case .flags(let labels): return .flags(labels)
        case .enumeration(let labels): return .enumeration(labels)
        case .map(let key, let value):
            return .map(key: try self.mapKey(key, in: scope), value: try self.value(value, in: scope))
        case .option(let some): return .option(try self.value(some, in: scope))
        case .result(let ok, let error):
            return .result(ok: try self.optional(ok, in: scope), error: try self.optional(error, in: scope))
        case .own(let index): return .own(try self.resource(index, in: scope))
        case .borrow(let index): return .borrow(try self.resource(index, in: scope))
        case .stream(let element):
            let element = try self.element(element, "stream", in: scope)
            guard !self.isCharacter(element) else { throw self.invalid("`stream<char>` is not valid at this time") }
            return .stream(element)
        case .future(let element): return .future(try self.element(element, "future", in: scope))
        }
    }

    private func element(_ syntax: ValueTypeSyntax?, _ what: String, in scope: ComponentScope)
        throws(ComponentError) -> ValueReference?
    {
        let element = try self.optional(syntax, in: scope)
        if case .type(let id) = element, self.arena[id].containsBorrow {
            throw self.invalid("\(what) type cannot contain a `borrow` type")
        }
        return element
    }

    /// The primitive type, directly or by a definition.
    private func primitive(_ reference: ValueReference?) -> ValueType? {
        switch reference {
        case .primitive(let type): return type
        case .type(let id):
            guard case .value(.primitive(let type)) = self.arena[id].definition else { return nil }
            return type
        case nil: return nil
        }
    }

    private func isCharacter(_ reference: ValueReference?) -> Bool { self.primitive(reference) == .char }

    /// Explainer.md: keys are Booleans, integers, characters and strings.
    private func mapKey(_ syntax: ValueTypeSyntax, in scope: ComponentScope) throws(ComponentError) -> ValueReference {
        let key = try self.value(syntax, in: scope)
        switch self.primitive(key) {
        case .bool, .s8, .u8, .s16, .u16, .s32, .u32, .s64, .u64, .char, .string: return key
        default: throw self.invalid("invalid map key type: expected bool, an integer, char or string")
        }
    }
}

/// Canonical functions (CanonicalABI.md, "Canonical Definitions").
extension Validator {
    func canon(_ syntax: CanonSyntax, in scope: ComponentScope) throws(ComponentError) {
        let store = self.arena.coreTypes
        switch syntax {
        case .lift(let function, let options, let type):
            let type = try self.functionType(type, in: scope)
            let callee = try self.lookUp(scope.coreFunctions, function, "function")
            try self.lift(callee, index: function, options, type, in: scope)
            scope.functions.append(type)
        case .lower(let function, let options):
            let type = try self.lookUp(scope.functions, function, "function")
            scope.coreFunctions.append(store.function(try self.lower(options, type, in: scope)))
        case .resourceNew(let type):
            let representation = try self.localResource(type, in: scope)
            scope.coreFunctions.append(store.function(CoreFunctionType([representation], [.i32])))
        case .resourceRep(let type):
            let representation = try self.localResource(type, in: scope)
            scope.coreFunctions.append(store.function(CoreFunctionType([.i32], [representation])))
        case .resourceDrop(let type):
            _ = try self.resource(type, in: scope)
            scope.coreFunctions.append(store.function(CoreFunctionType([.i32])))
        case .builtin(let builtin):
            scope.coreFunctions.append(try self.builtin(builtin, in: scope))
        }
    }

    /// Only the component that defines a resource may see or make its representation.
    private func localResource(_ type: UInt32, in scope: ComponentScope) throws(ComponentError) -> CoreType {
        let id = try self.resource(type, in: scope)
        guard let resource = self.arena.resource(id), let representation = scope.representations[resource] else {
            throw self.invalid("type index \(type) is not a local resource")
        }
        return representation
    }

    // MARK: Lifting and lowering

    func flat(_ types: [ValueReference], _ addressType: AddressType, limit: Int) throws(ComponentError) -> [CoreType]? {
        var flat: [CoreType] = []
        for type in types {
            if case .type(let id) = type { try self.arena.spend(self.arena[id].nodes) }
            guard self.arena.flatten(type, addressType, into: &flat, limit: limit) else { return nil }
        }
        return flat
    }

    func containPointers(_ types: [ValueReference]) -> Bool {
        types.contains { type in
            switch type {
            case .primitive(let type): type == .string
            case .type(let id): self.arena[id].containsPointers
            }
        }
    }

    private func lift(
        _ callee: Int, index: UInt32, _ options: CanonOptionsSyntax, _ type: TypeID, in scope: ComponentScope
    ) throws(ComponentError) {
        let function = try self.arena.function(type)
        let addressType = try self.check(options, .lift, isAsync: function.isAsync, in: scope)
        let parameters = function.parameters.map(\.type)
        let results = function.result.map { [$0] } ?? []
        let flatParameters = try self.flat(parameters, addressType, limit: Flattening.maximumParameters)
        let resultLimit = options.isAsync ? Flattening.maximumParameters : Flattening.maximumResults
        let flatResults = try self.flat(results, addressType, limit: resultLimit)
        if flatParameters == nil || flatResults == nil || self.containPointers(parameters)
            || self.containPointers(results)
        {
            try self.require(options.memory, "memory")
        }
        if flatParameters == nil || self.containPointers(parameters) { try self.require(options.realloc, "realloc") }

        let coreResults: [CoreType] =
            options.isAsync ? (options.callback == nil ? [] : [.i32]) : flatResults ?? [addressType.coreType]
        let expected = CoreFunctionType(flatParameters ?? [addressType.coreType], coreResults)
        try self.expect(callee, index, expected)
        if let postReturn = options.postReturn {
            let type = try self.lookUp(scope.coreFunctions, postReturn, "function")
            try self.expectOption("post-return", type, CoreFunctionType(coreResults))
        }
    }

    /// The core function has exactly this type.
    private func expect(_ callee: Int, _ index: UInt32, _ type: CoreFunctionType) throws(ComponentError) {
        let store = self.arena.coreTypes
        let expected = store.function(type)
        guard !store.isSubtype(callee, of: expected) else { return }
        guard case .function(let parameters, let results) = store.types[callee].composite else {
            throw self.invalid("core function \(index) has no function type")
        }
        func list(_ types: [CoreValueType]) -> String {
            "[" + types.map { "\($0)".uppercased() }.joined(separator: ", ") + "]"
        }
        func list(_ types: [CoreType]) -> String { list(types.map { .number($0) }) }
        if parameters != type.parameters.map({ .number($0) }) {
            throw self.invalid(
                "lowered parameter types `\(list(type.parameters))` do not match parameter types "
                    + "`\(list(parameters))` of core function \(index)")
        }
        throw self.invalid(
            "lowered result types `\(list(type.results))` do not match result types "
                + "`\(list(results))` of core function \(index)")
    }

    private func lower(_ options: CanonOptionsSyntax, _ type: TypeID, in scope: ComponentScope)
        throws(ComponentError) -> CoreFunctionType
    {
        let function = try self.arena.function(type)
        let addressType = try self.check(options, .lower, isAsync: function.isAsync, in: scope)
        let parameters = function.parameters.map(\.type)
        let results = function.result.map { [$0] } ?? []
        let flatParameters = try self.flat(
            parameters, addressType,
            limit: options.isAsync ? Flattening.maximumAsyncParameters : Flattening.maximumParameters)
        let flatResults =
            options.isAsync
            ? nil : try self.flat(results, addressType, limit: Flattening.maximumResults)
        let returnsInMemory = !results.isEmpty && flatResults == nil
        if flatParameters == nil || returnsInMemory || self.containPointers(parameters)
            || self.containPointers(results)
        {
            try self.require(options.memory, "memory")
        }
        if self.containPointers(results) { try self.require(options.realloc, "realloc") }
        var core = CoreFunctionType(
            flatParameters ?? [addressType.coreType], options.isAsync ? [.i32] : flatResults ?? [])
        if returnsInMemory { core.parameters.append(addressType.coreType) }
        return core
    }
}

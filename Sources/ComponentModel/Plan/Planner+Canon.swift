/// Canonical functions: lifting, lowering and resource built-ins (CanonicalABI.md, "Canonical Definitions").
extension Planner {
    func canon(_ syntax: CanonSyntax, in scope: Int) throws(ComponentError) {
        guard let componentInstance = self.scopes[scope].componentInstance else { return }
        try self.spend(Limits.workOfFunction)
        switch syntax {
        case .builtin(let builtin):
            let function = try self.builtin(builtin, in: scope, componentInstance)
            self.scopes[scope].coreFunctions.append(function)
        case .lift(let function, let options, let type):
            let item = try self.lookUp(self.scopes[scope].coreFunctions, function, "core function")
            let lifted = try self.lift(item, options, try self.functionType(type, in: scope), in: scope)
            self.scopes[scope].functions.append(lifted)
        case .lower(let function, let options):
            let function = try self.lookUp(self.scopes[scope].functions, function, "function")
            self.scopes[scope].coreFunctions.append(try self.lower(function, options, in: scope))
        case .resourceNew(let type):
            let resource = try self.localResource(type, in: scope, componentInstance, "resource.new")
            self.scopes[scope].coreFunctions.append(
                self.trampoline(
                    .resourceNew(resource: resource, componentInstance: componentInstance), .resourceNew))
        case .resourceRep(let type):
            let resource = try self.localResource(type, in: scope, componentInstance, "resource.rep")
            self.scopes[scope].coreFunctions.append(
                self.trampoline(
                    .resourceRep(resource: resource, componentInstance: componentInstance), .resourceRep))
        case .resourceDrop(let type):
            let resource = try self.resource(type, in: scope)
            self.scopes[scope].coreFunctions.append(
                self.trampoline(
                    .resourceDrop(resource: resource, componentInstance: componentInstance), .resourceDrop))
        }
    }

    /// Only the component instance that defines a resource may see or make its representation.
    private func localResource(_ type: UInt32, in scope: Int, _ componentInstance: Int, _ what: String)
        throws(ComponentError) -> ResourceID
    {
        let resource = try self.resource(type, in: scope)
        guard case .defined(componentInstance, _) = self.plan.resources[resource.index] else {
            throw self.invalid("\(what) of a resource type that the component does not define")
        }
        return resource
    }

    /// Calls to the function are not checked again: its type must be exactly this one.
    func expect(_ item: CoreItem, _ type: CoreFunctionType, _ what: String) throws(ComponentError) {
        guard case .function(let actual) = item.kind else { throw self.invalid("\(what) is not a function") }
        guard actual == type else {
            let found = actual.map { "\($0)" } ?? "a function of values that are not numbers"
            throw self.invalid("\(what) must have type \(type), but has \(found)")
        }
    }

    func lift(
        _ item: CoreItem, _ syntax: CanonOptionsSyntax, _ type: ResolvedFunctionType, in scope: Int
    ) throws(ComponentError) -> Int {
        try self.spend(type.nodes)
        var options = try self.options(syntax, in: scope)
        let addressType = options.addressType
        let coreType = type.type.liftedCoreType(
            addressType, isAsync: syntax.isAsync, hasCallback: syntax.callback != nil)
        try self.expect(item, coreType, "a lifted function")
        let areResultsFlat = type.type.flatResults(addressType, isAsync: syntax.isAsync) != nil
        if !areResultsFlat || type.resultContainsPointers {
            try self.require(options.memory, "memory")
        }
        if type.type.flatParameters(addressType) == nil || type.parametersContainPointers {
            try self.require(options.memory, "memory")
            try self.require(options.realloc, "realloc")
        }
        if let index = syntax.postReturn {
            let postReturn = try self.lookUp(self.scopes[scope].coreFunctions, index, "core function")
            try self.expect(postReturn, CoreFunctionType(coreType.results), "the post-return function")
            options.postReturn = self.functionSlot(postReturn.definition)
        }
        options.isAsync = syntax.isAsync
        if let index = syntax.callback {
            let callback = try self.lookUp(self.scopes[scope].coreFunctions, index, "core function")
            try self.expect(callback, CoreFunctionType([.i32, .i32, .i32], [.i32]), "the callback function")
            options.callback = self.functionSlot(callback.definition)
        }
        let callee = self.functionSlot(item.definition)
        return self.addFunction(type, .lifted(callee: callee, options: self.optionsIndex(options)))
    }

    func lower(_ function: Int, _ syntax: CanonOptionsSyntax, in scope: Int)
        throws(ComponentError) -> CoreItem
    {
        let type = self.functions[function].type
        try self.spend(type.nodes)
        guard syntax.postReturn == nil else { throw self.invalid("a lowered function has no post-return") }
        var options = try self.options(syntax, in: scope)
        options.isAsync = syntax.isAsync
        let addressType = options.addressType
        let form = type.type.lowered(by: options)
        if form.parameters == nil || form.results == nil || type.parametersContainPointers {
            try self.require(options.memory, "memory")
        }
        if type.resultContainsPointers {
            try self.require(options.memory, "memory")
            try self.require(options.realloc, "realloc")
        }
        let index = self.optionsIndex(options)
        let coreType = type.type.loweredCoreType(addressType, isAsync: syntax.isAsync)
        if let imported = try self.importedFunction(function) {
            guard addressType == .i64, type.type.usesMemory(form) else {
                return self.trampoline(.lower(importedFunction: imported, options: index), coreType)
            }
            let host = self.optionsIndex(self.roomOptions(for: options))
            return self.trampoline(
                .lowerByCopy(importedFunction: imported, options: index, HostCopies(options: host)), coreType)
        }
        let adapted = try self.adaptedFunction(function)
        // Whoever waits in such a call lets others run: the host makes it, adapters carry the values.
        if type.type.isAsync {
            return self.trampoline(
                .callTask(adaptedFunction: adapted, options: index, copies: TaskCopies()), coreType)
        }
        return self.trampoline(.lowerLifted(adaptedFunction: adapted, options: index), coreType)
    }

    private func adaptedFunction(_ function: Int) throws(ComponentError) -> Int {
        if let planned = self.functions[function].planned { return planned }
        guard let lifted = try self.liftedFunction(function) else { throw self.invalid("function cannot be lowered") }
        let index = self.plan.adaptedFunctions.count
        self.plan.adaptedFunctions.append(lifted)
        self.functions[function].planned = index
        return index
    }

    func require(_ option: Int?, _ name: String) throws(ComponentError) {
        guard option != nil else { throw self.invalid("canonical option '\(name)' is required by the function's type") }
    }

    func options(_ syntax: CanonOptionsSyntax, in scope: Int) throws(ComponentError) -> CanonicalOptions {
        var options = CanonicalOptions(
            encoding: syntax.encoding ?? .utf8, componentInstance: self.scopes[scope].componentInstance ?? 0)
        if let index = syntax.memory {
            let memory = try self.lookUp(self.scopes[scope].coreMemories, index, "core memory")
            if case .memory(_, true) = memory.kind { throw self.unsupported("a shared memory as canonical option") }
            options.memory = self.memorySlot(memory.definition)
            options.addressType = memory.kind.addressType
        }
        if let index = syntax.realloc {
            guard options.memory != nil else { throw self.invalid("canonical option 'realloc' needs 'memory'") }
            let realloc = try self.lookUp(self.scopes[scope].coreFunctions, index, "core function")
            try self.expect(realloc, options.addressType.realloc, "the realloc function")
            options.realloc = self.functionSlot(realloc.definition)
        }
        return options
    }
}

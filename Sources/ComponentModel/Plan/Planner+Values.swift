/// Values and start functions.
extension Planner {
    func value(_ syntax: ValueSyntax, in scope: Int) throws(ComponentError) {
        let type = try self.valueType(syntax.type, in: scope)
        try self.spend(type.nodes)
        // Each instance of a component has the value in memory.
        try self.valueBudget.spend(syntax.encoding.count, at: syntax.encoding.lowerBound)
        let value = self.constant(EncodedValue(type: type.type, bytes: Array(self.bytes[syntax.encoding])))
        self.scopes[scope].values.append(ValueItem(type: type.type, value: value))
    }

    func start(_ syntax: StartSyntax, in scope: Int) throws(ComponentError) {
        let function = try self.lookUp(self.scopes[scope].functions, syntax.function, "function")
        let lifted: LiftedFunction
        if let own = try self.liftedFunction(function) {
            lifted = own
        } else {
            lifted = try self.hostStart(function, in: scope)
        }
        guard self.plan.starts.count < Limits.coreInstances else {
            throw self.unsupported("more than \(Limits.coreInstances) start functions")
        }
        var arguments: [PlanValue] = []
        for argument in syntax.arguments {
            try self.spend(1)
            arguments.append(try self.lookUp(self.scopes[scope].values, argument, "value").value)
        }
        if let result = lifted.type.result {
            self.scopes[scope].values.append(ValueItem(type: result, value: .result(self.plan.starts.count)))
        }
        self.plan.starts.append(
            StartCall(function: lifted, arguments: arguments, position: self.plan.steps.count))
    }

    /// A function of the host as one that is lifted: from a core instance that lowers it.
    private func hostStart(_ function: Int, in scope: Int) throws(ComponentError) -> LiftedFunction {
        let type = self.functions[function].type
        guard let imported = try self.importedFunction(function) else { throw self.invalid("an unknown function") }
        guard self.plan.steps.count < Limits.coreInstances else {
            throw self.unsupported("more than \(Limits.coreInstances) core instances")
        }
        try self.spend(type.nodes + Limits.workOfInstance)
        let step = self.plan.steps.count
        let options = self.optionsIndex(
            CanonicalOptions(
                memory: self.memorySlot(.export(instance: step, name: HostStartModule.memory)),
                realloc: self.functionSlot(.export(instance: step, name: HostStartModule.realloc)), encoding: .utf8,
                componentInstance: self.scopes[scope].componentInstance ?? 0))
        let lowered = self.trampoline(
            .lower(importedFunction: imported, options: options), type.type.loweredCoreType(.i32))
        let module = self.addGenerated(
            HostStartModule(type: type.type).encode(), name: "host start", definedMemories: 1)
        self.plan.steps.append(
            .instantiate(module: module, imports: [.init(module: "", name: "", source: lowered.definition)]))
        return LiftedFunction(
            callee: self.functionSlot(.export(instance: step, name: HostStartModule.start)), options: options,
            type: type.type, coreType: type.type.liftedCoreType(.i32),
            signature: try self.signature { $0.write(type.type) })
    }
}

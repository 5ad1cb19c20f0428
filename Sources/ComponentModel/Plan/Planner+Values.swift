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
        guard let lifted = try self.liftedFunction(function) else {
            throw self.unsupported("a function of the host as start function")
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
}

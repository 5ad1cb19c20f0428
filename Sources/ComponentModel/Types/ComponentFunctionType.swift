/// Type of a component function.
package struct ComponentFunctionType: Hashable, Sendable {
    package struct Parameter: Hashable, Sendable {
        package let name: String
        package let type: ValueType

        package init(_ name: String, _ type: ValueType) {
            self.name = name
            self.type = type
        }
    }

    package let parameters: [Parameter]
    package let result: ValueType?
    package let isAsync: Bool

    package init(_ parameters: [Parameter], result: ValueType?, isAsync: Bool = false) {
        self.parameters = parameters
        self.result = result
        self.isAsync = isAsync
    }

    /// The flat parameters, or `nil` if they are more than 16 and go through memory.
    package var flatParameters: [CoreType]? {
        var types: [CoreType] = []
        for parameter in self.parameters {
            guard parameter.type.flatten(into: &types, limit: Flattening.maximumParameters) else { return nil }
        }
        return types
    }

    /// The flat result (empty or one), or `nil` if it goes through memory.
    package var flatResults: [CoreType]? {
        guard let result = self.result else { return [] }
        return result.flatTypes(limit: Flattening.maximumResults)
    }

    /// Layout of the parameters as they lie in memory when they are more than 16.
    package var parametersLayout: Layout { .record(self.parameters.lazy.map(\.type.layout)) }

    /// The flat parameters of an asynchronous lowering, or `nil` if they are more than 4 and go through memory.
    package var asyncFlatParameters: [CoreType]? {
        var types: [CoreType] = []
        for parameter in self.parameters {
            guard parameter.type.flatten(into: &types, limit: Flattening.maximumAsyncParameters) else { return nil }
        }
        return types
    }

    /// The flat parameters of `task.return`, or `nil` if they are more than 16 and go through memory.
    package var returnedFlatResults: [CoreType]? {
        guard let result = self.result else { return [] }
        return result.flatTypes(limit: Flattening.maximumParameters)
    }

    /// Those of a lowering.
    func flatParameters(isAsync: Bool) -> [CoreType]? { isAsync ? self.asyncFlatParameters : self.flatParameters }

    /// What a guest gives to `task.return`, or returns.
    func flatResults(isAsync: Bool) -> [CoreType]? { isAsync ? self.returnedFlatResults : self.flatResults }

    /// Type of the core function that a guest exports for a function lifted with these options.
    package func liftedCoreType(isAsync: Bool, hasCallback: Bool) -> CoreFunctionType {
        guard isAsync else { return self.liftedCoreType }
        return CoreFunctionType(self.flatParameters ?? [.i32], hasCallback ? [.i32] : [])
    }

    /// Type of the core function that a guest imports for a function lowered with the option `async`: it gives a status.
    package var asyncLoweredCoreType: CoreFunctionType {
        CoreFunctionType((self.asyncFlatParameters ?? [.i32]) + (self.result == nil ? [] : [.i32]), [.i32])
    }

    /// Type of the core function that a guest exports for a lifted function.
    package var liftedCoreType: CoreFunctionType {
        CoreFunctionType(self.flatParameters ?? [.i32], self.flatResults ?? [.i32])
    }

    /// Type of the core function that a guest imports for a lowered function.
    package var loweredCoreType: CoreFunctionType {
        let parameters = self.flatParameters ?? [.i32]
        guard let results = self.flatResults else { return CoreFunctionType(parameters + [.i32]) }
        return CoreFunctionType(parameters, results)
    }
}

extension ComponentFunctionType {
    /// Whether text passes in a call.
    var containsStrings: Bool {
        self.parameters.contains { $0.type.containsStrings } || self.result?.containsStrings ?? false
    }
}

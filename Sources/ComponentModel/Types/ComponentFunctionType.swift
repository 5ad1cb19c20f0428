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

    /// The flat parameters, or `nil` if they are too many and go through memory: more than 16, or 4 in a lowering by
    /// `async`.
    package func flatParameters(_ addressType: AddressType, isAsync: Bool = false) -> [CoreType]? {
        let limit = isAsync ? Flattening.maximumAsyncParameters : Flattening.maximumParameters
        var types: [CoreType] = []
        for parameter in self.parameters {
            guard parameter.type.flatten(addressType, into: &types, limit: limit) else { return nil }
        }
        return types
    }

    /// The flat result (empty or one), or `nil` if it goes through memory. With `async`, the flat parameters of
    /// `task.return`, up to 16.
    package func flatResults(_ addressType: AddressType, isAsync: Bool = false) -> [CoreType]? {
        guard let result = self.result else { return [] }
        return result.flatTypes(
            addressType, limit: isAsync ? Flattening.maximumParameters : Flattening.maximumResults)
    }

    /// Layout of the parameters as they lie in memory when they are too many.
    package func parametersLayout(_ addressType: AddressType) -> Layout {
        .record(self.parameters.lazy.map { $0.type.layout(addressType) })
    }

    /// Type of the core function that a guest exports for a function lifted with these options.
    package func liftedCoreType(
        _ addressType: AddressType, isAsync: Bool = false, hasCallback: Bool = false
    ) -> CoreFunctionType {
        let parameters = self.flatParameters(addressType) ?? [addressType.coreType]
        guard !isAsync else { return CoreFunctionType(parameters, hasCallback ? [.i32] : []) }
        return CoreFunctionType(parameters, self.flatResults(addressType) ?? [addressType.coreType])
    }

    /// Type of the core function that a guest imports for a function lowered with these options. By `async` it gives a
    /// status.
    package func loweredCoreType(_ addressType: AddressType, isAsync: Bool = false) -> CoreFunctionType {
        let pointer = addressType.coreType
        let parameters = self.flatParameters(addressType, isAsync: isAsync) ?? [pointer]
        guard !isAsync else { return CoreFunctionType(parameters + (self.result == nil ? [] : [pointer]), [.i32]) }
        guard let results = self.flatResults(addressType) else { return CoreFunctionType(parameters + [pointer]) }
        return CoreFunctionType(parameters, results)
    }
}

extension ComponentFunctionType {
    /// Whether text passes in a call.
    var containsStrings: Bool {
        self.parameters.contains { $0.type.containsStrings } || self.result?.containsStrings ?? false
    }
}

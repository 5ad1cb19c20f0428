/// Core types of the functions that carry the values of a call that the host makes.
extension LiftedFunction {
    /// From the caller's core parameters to the callee's.
    func parametersCopyType(_ caller: CanonicalOptions, callee: CanonicalOptions) -> CoreFunctionType {
        func flat(_ options: CanonicalOptions, isAsync: Bool) -> [CoreType] {
            self.type.flatParameters(options.addressType, isAsync: isAsync) ?? [options.addressType.coreType]
        }
        return CoreFunctionType(flat(caller, isAsync: caller.isAsync), flat(callee, isAsync: false))
    }

    /// From what the callee returns, and the pointer to the caller's result where it lies in memory.
    func resultCopyType(_ caller: CanonicalOptions, callee: CanonicalOptions) -> CoreFunctionType {
        let returned = self.type.flatResults(callee.addressType, isAsync: callee.isAsync)
        var parameters = returned ?? [callee.addressType.coreType]
        let isInMemory = self.type.returnsInMemory(to: caller)
        if isInMemory { parameters.append(caller.addressType.coreType) }
        return CoreFunctionType(parameters, isInMemory ? [] : self.type.flatResults(caller.addressType) ?? [])
    }

    /// Whether the callee takes the caller's core parameters as they are.
    func passesParametersAsTheyAre(_ caller: CanonicalOptions) -> Bool {
        self.type.flatParameters(caller.addressType, isAsync: caller.isAsync) != nil
            && self.type.parameters.allSatisfy(\.type.isWholeNumber)
    }

    /// Whether the caller takes the callee's core results as they are.
    func passesResultAsItIs(_ caller: CanonicalOptions) -> Bool {
        !self.type.returnsInMemory(to: caller) && self.type.result?.isWholeNumber ?? true
    }
}

extension ComponentFunctionType {
    /// Whether the caller gives a pointer to where its result goes.
    func returnsInMemory(to caller: CanonicalOptions) -> Bool {
        self.result != nil && (caller.isAsync || self.flatResults(caller.addressType) == nil)
    }
}

extension ValueType {
    /// Whether every core value of its type is one of it.
    fileprivate var isWholeNumber: Bool {
        switch self {
        case .s32, .u32, .s64, .u64, .f32, .f64: true
        default: false
        }
    }
}

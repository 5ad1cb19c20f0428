/// Core types of the functions that carry the values of a call that the host makes.
extension LiftedFunction {
    /// From the caller's core parameters to the callee's.
    func parametersCopyType(_ caller: CanonicalOptions) -> CoreFunctionType {
        CoreFunctionType(
            self.type.flatParameters(isAsync: caller.isAsync) ?? [.i32], self.type.flatParameters ?? [.i32])
    }

    /// From what the callee returns, and the pointer to the caller's result where it lies in memory.
    func resultCopyType(_ caller: CanonicalOptions, callee: CanonicalOptions) -> CoreFunctionType {
        var parameters = self.type.flatResults(isAsync: callee.isAsync) ?? [.i32]
        let isInMemory = self.returnsInMemory(caller)
        if isInMemory { parameters.append(.i32) }
        return CoreFunctionType(parameters, isInMemory ? [] : self.type.flatResults ?? [])
    }

    /// Whether the caller gives a pointer to where its result goes.
    func returnsInMemory(_ caller: CanonicalOptions) -> Bool {
        self.type.result != nil && (caller.isAsync || self.type.flatResults == nil)
    }

    /// Whether the callee takes the caller's core parameters as they are.
    func passesParametersAsTheyAre(_ caller: CanonicalOptions) -> Bool {
        self.type.flatParameters(isAsync: caller.isAsync) != nil
            && self.type.parameters.allSatisfy(\.type.isWholeNumber)
    }

    /// Whether the caller takes the callee's core results as they are.
    func passesResultAsItIs(_ caller: CanonicalOptions) -> Bool {
        !self.returnsInMemory(caller) && self.type.result?.isWholeNumber ?? true
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

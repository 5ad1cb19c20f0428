/// How the values of a function lie in core values on one side of a call.
struct CoreForm {
    /// The flat parameters; nil where they lie in memory, and one pointer to them is passed.
    let parameters: [CoreType]?
    /// The flat results, of `task.return` too; nil where the result lies in memory.
    let results: [CoreType]?
    /// The core type of pointers.
    let pointer: CoreType
}

extension ComponentFunctionType {
    /// As who exports the function has it.
    func lifted(by options: CanonicalOptions) -> CoreForm {
        CoreForm(
            parameters: self.flatParameters(options.addressType),
            results: self.flatResults(options.addressType, isAsync: options.isAsync),
            pointer: options.addressType.coreType)
    }

    /// As who calls the function has it. By `async`, all results lie in memory.
    func lowered(by options: CanonicalOptions) -> CoreForm {
        CoreForm(
            parameters: self.flatParameters(options.addressType, isAsync: options.isAsync),
            results: options.isAsync && self.result != nil ? nil : self.flatResults(options.addressType),
            pointer: options.addressType.coreType)
    }
}

extension ComponentFunctionType {
    /// Whether values lie in memory where the function has a form, or hold what does.
    func usesMemory(_ form: CoreForm) -> Bool {
        form.parameters == nil || form.results == nil || self.parameters.contains(where: \.type.needsMemory)
            || self.result?.needsMemory ?? false
    }
}

/// Both sides of a call, and the core types of the functions that carry its values where the host makes the call.
struct CallForms {
    let type: ComponentFunctionType
    let caller: CoreForm
    let callee: CoreForm

    /// From the caller's core parameters to the callee's.
    var parametersCopy: CoreFunctionType {
        CoreFunctionType(
            self.caller.parameters ?? [self.caller.pointer], self.callee.parameters ?? [self.callee.pointer])
    }

    /// From what the callee returns, and the pointer to the caller's result where it lies in memory.
    var resultCopy: CoreFunctionType {
        let returned = self.callee.results ?? [self.callee.pointer]
        guard let results = self.caller.results else { return CoreFunctionType(returned + [self.caller.pointer]) }
        return CoreFunctionType(returned, results)
    }

    /// Whether the caller gives a pointer to where its result goes.
    var returnsInMemory: Bool { self.caller.results == nil }

    /// Whether the callee takes the caller's core parameters as they are.
    var passesParametersAsTheyAre: Bool {
        self.caller.parameters != nil && self.type.parameters.allSatisfy(\.type.isWholeNumber)
    }

    /// Whether the caller takes the callee's core results as they are.
    var passesResultAsItIs: Bool { !self.returnsInMemory && self.type.result?.isWholeNumber ?? true }
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

/// What canonical options are for: not all may have all of them.
enum CanonUse {
    case lift
    case lower
    case taskReturn
    case transfer
    case errorContext
}

/// Canonical options (CanonicalABI.md, "Canonical ABI options").
extension Validator {
    func require(_ option: UInt32?, _ name: String) throws(ComponentError) {
        guard option != nil else {
            throw self.invalid("canonical option `\(name)` is required by the function's type")
        }
    }

    func expectOption(_ name: String, _ type: Int, _ expected: CoreFunctionType) throws(ComponentError) {
        let store = self.arena.coreTypes
        guard store.isSubtype(type, of: store.function(expected)) else {
            throw self.invalid(
                "canonical option `\(name)` uses a core function with an incorrect signature: it must have type "
                    + "\(store.text(store.function(expected))), but has \(store.text(type))")
        }
    }

    /// Checks the options by themselves, and returns how their memory is addressed.
    func check(_ options: CanonOptionsSyntax, _ use: CanonUse, isAsync: Bool, in scope: ComponentScope)
        throws(ComponentError) -> AddressType
    {
        guard !options.usesGC, options.coreType == nil else {
            throw ComponentError(
                .unsupported, "the canonical options `gc` and `core-type` (gated feature)", offset: self.arena.offset)
        }
        var addressType = AddressType.i32
        if let index = options.memory {
            let memory = try self.lookUp(scope.coreMemories, index, "memory")
            guard !memory.limits.isShared else {
                throw self.invalid("canonical option `memory`: mismatch in the shared flag for memories")
            }
            addressType = memory.limits.addressType
        }
        if let index = options.realloc {
            guard options.memory != nil else {
                throw self.invalid("canonical option `realloc` requires `memory` to also be specified")
            }
            let type = try self.lookUp(scope.coreFunctions, index, "function")
            try self.expectOption("realloc", type, addressType.realloc)
        }
        if options.postReturn != nil {
            guard use != .lower else {
                throw self.invalid("canonical option `post-return` cannot be specified for lowerings")
            }
            try self.allow(use == .lift, "post-return")
            guard !options.isAsync else {
                throw self.invalid("canonical option `post-return` cannot be specified with `async`")
            }
        }
        if let callback = options.callback {
            guard use != .lower else {
                throw self.invalid("canonical option `callback` cannot be specified for lowerings")
            }
            try self.allow(use == .lift, "callback")
            guard options.isAsync else {
                throw self.invalid("canonical option `callback` requires `async` to also be specified")
            }
            let type = try self.lookUp(scope.coreFunctions, callback, "function")
            try self.expectOption("callback", type, CoreFunctionType([.i32, .i32, .i32], [.i32]))
        }
        if options.isAsync {
            switch use {
            case .lift, .lower:
                guard isAsync else {
                    throw self.invalid("the `async` canonical option requires an async function type")
                }
            case .transfer: break
            case .taskReturn, .errorContext: try self.allow(false, "async")
            }
        }
        if use == .taskReturn { try self.allow(options.realloc == nil, "realloc") }
        return addressType
    }

    private func allow(_ isAllowed: Bool, _ option: String) throws(ComponentError) {
        guard isAllowed else {
            throw self.invalid("canonical option `\(option)` cannot be specified for this built-in")
        }
    }
}

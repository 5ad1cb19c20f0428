/// Canonical functions (CanonicalABI.md, "Canonical Definitions").
extension Validator {
    /// Flat parameters of an asynchronous lowering (`MAX_FLAT_ASYNC_PARAMS`).
    private static let maximumAsyncParameters = 4

    private enum Use {
        case lift
        case lower
        case taskReturn
        case transfer
        case errorContext
    }

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

    private func flat(_ types: [ValueReference], pointer: CoreType, limit: Int) throws(ComponentError) -> [CoreType]? {
        var flat: [CoreType] = []
        for type in types {
            if case .type(let id) = type { try self.arena.spend(self.arena[id].nodes) }
            guard self.arena.flatten(type, pointer: pointer, into: &flat, limit: limit) else { return nil }
        }
        return flat
    }

    private func containPointers(_ types: [ValueReference]) -> Bool {
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
        let pointer = try self.check(options, .lift, isAsync: function.isAsync, in: scope)
        let parameters = function.parameters.map(\.type)
        let results = function.result.map { [$0] } ?? []
        let flatParameters = try self.flat(parameters, pointer: pointer, limit: Flattening.maximumParameters)
        let resultLimit = options.isAsync ? Flattening.maximumParameters : Flattening.maximumResults
        let flatResults = try self.flat(results, pointer: pointer, limit: resultLimit)
        if flatParameters == nil || flatResults == nil || self.containPointers(parameters)
            || self.containPointers(results)
        {
            try self.require(options.memory, "memory")
        }
        if flatParameters == nil || self.containPointers(parameters) { try self.require(options.realloc, "realloc") }

        let coreResults: [CoreType] =
            options.isAsync ? (options.callback == nil ? [] : [.i32]) : flatResults ?? [pointer]
        let expected = CoreFunctionType(flatParameters ?? [pointer], coreResults)
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
        let pointer = try self.check(options, .lower, isAsync: function.isAsync, in: scope)
        let parameters = function.parameters.map(\.type)
        let results = function.result.map { [$0] } ?? []
        let flatParameters = try self.flat(
            parameters, pointer: pointer,
            limit: options.isAsync ? Self.maximumAsyncParameters : Flattening.maximumParameters)
        let flatResults =
            options.isAsync
            ? nil : try self.flat(results, pointer: pointer, limit: Flattening.maximumResults)
        let returnsInMemory = !results.isEmpty && flatResults == nil
        if flatParameters == nil || returnsInMemory || self.containPointers(parameters)
            || self.containPointers(results)
        {
            try self.require(options.memory, "memory")
        }
        if self.containPointers(results) { try self.require(options.realloc, "realloc") }
        var core = CoreFunctionType(flatParameters ?? [pointer], options.isAsync ? [.i32] : flatResults ?? [])
        if returnsInMemory { core.parameters.append(pointer) }
        return core
    }

    // MARK: Options

    private func require(_ option: UInt32?, _ name: String) throws(ComponentError) {
        guard option != nil else {
            throw self.invalid("canonical option `\(name)` is required by the function's type")
        }
    }

    private func expectOption(_ name: String, _ type: Int, _ expected: CoreFunctionType) throws(ComponentError) {
        let store = self.arena.coreTypes
        guard store.isSubtype(type, of: store.function(expected)) else {
            throw self.invalid(
                "canonical option `\(name)` uses a core function with an incorrect signature: it must have type "
                    + "\(store.text(store.function(expected))), but has \(store.text(type))")
        }
    }

    /// Checks the options by themselves, and returns the type of pointers into their memory.
    private func check(_ options: CanonOptionsSyntax, _ use: Use, isAsync: Bool, in scope: ComponentScope)
        throws(ComponentError) -> CoreType
    {
        guard !options.usesGC, options.coreType == nil else {
            throw ComponentError(
                .unsupported, "the canonical options `gc` and `core-type` (gated feature)", offset: self.arena.offset)
        }
        var pointer = CoreType.i32
        if let index = options.memory {
            let memory = try self.lookUp(scope.coreMemories, index, "memory")
            guard !memory.limits.isShared else {
                throw self.invalid("canonical option `memory`: mismatch in the shared flag for memories")
            }
            if memory.limits.is64 { pointer = .i64 }
        }
        if let index = options.realloc {
            guard options.memory != nil else {
                throw self.invalid("canonical option `realloc` requires `memory` to also be specified")
            }
            let type = try self.lookUp(scope.coreFunctions, index, "function")
            try self.expectOption(
                "realloc", type, CoreFunctionType([pointer, pointer, pointer, pointer], [pointer]))
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
        return pointer
    }

    private func allow(_ isAllowed: Bool, _ option: String) throws(ComponentError) {
        guard isAllowed else {
            throw self.invalid("canonical option `\(option)` cannot be specified for this built-in")
        }
    }

    // MARK: Built-ins of the asynchronous model

    /// The number of the built-in's core type.
    private func builtin(_ builtin: BuiltinSyntax, in scope: ComponentScope) throws(ComponentError) -> Int {
        let store = self.arena.coreTypes
        switch builtin.kind {
        case .fixed(let type): return store.function(type)
        case .taskReturn(let result, let options):
            let pointer = try self.check(options, .taskReturn, isAsync: true, in: scope)
            guard let result = try self.optional(result, in: scope) else { return store.function([], []) }
            if case .type(let id) = result, self.arena[id].containsBorrow {
                throw self.invalid("function result cannot contain a `borrow` type")
            }
            let flat = try self.flat([result], pointer: pointer, limit: Flattening.maximumParameters)
            if flat == nil || self.containPointers([result]) { try self.require(options.memory, "memory") }
            return store.function(CoreFunctionType(flat ?? [pointer]))
        case .context(let isSet, let type, let slot):
            guard type == .number(.i32) || type == .number(.i64) else {
                throw self.invalid("`\(builtin.name)` only supports `i32` and `i64`")
            }
            guard slot < 2 else { throw self.invalid("`\(builtin.name)` immediate must be less than 2: \(slot)") }
            return isSet ? store.function([type], []) : store.function([], [type])
        case .waitableSet(let memory):
            let memory = try self.lookUp(scope.coreMemories, memory, "memory")
            return store.function(CoreFunctionType([.i32, memory.limits.is64 ? .i64 : .i32], [.i32]))
        case .transfer(let transfer, let operation, let type, let options):
            return store.function(try self.transfer(transfer, operation, type, options, builtin.name, in: scope))
        case .errorContextNew(let options):
            let pointer = try self.check(options, .errorContext, isAsync: false, in: scope)
            try self.require(options.memory, "memory")
            return store.function(CoreFunctionType([pointer, pointer], [.i32]))
        case .errorContextMessage(let options):
            let pointer = try self.check(options, .errorContext, isAsync: false, in: scope)
            try self.require(options.memory, "memory")
            try self.require(options.realloc, "realloc")
            return store.function(CoreFunctionType([.i32, pointer]))
        case .threadNew(let type, let table):
            let closure = try self.threadStart(type, builtin.name, in: scope)
            let index = try self.threadTable(table, builtin.name, in: scope)
            return store.function(CoreFunctionType([index, closure], [.i32]))
        }
    }

    private func transfer(
        _ transfer: BuiltinSyntax.Transfer, _ operation: BuiltinSyntax.TransferOperation, _ index: UInt32,
        _ options: CanonOptionsSyntax, _ name: String, in scope: ComponentScope
    ) throws(ComponentError) -> CoreFunctionType {
        let type = try self.lookUp(scope.types, index, "type")
        let element: ValueReference?
        switch (self.arena[type].definition, transfer) {
        case (.value(.stream(let type)), .stream), (.value(.future(let type)), .future): element = type
        default: throw self.invalid("`\(name)` requires a \(transfer) type: type index \(index) is none")
        }
        switch operation {
        case .new: return CoreFunctionType([], [.i64])
        case .cancel: return CoreFunctionType([.i32], [.i32])
        case .drop: return CoreFunctionType([.i32])
        case .read, .write:
            let pointer = try self.check(options, .transfer, isAsync: true, in: scope)
            if let element {
                try self.require(options.memory, "memory")
                if operation == .read, self.containPointers([element]) { try self.require(options.realloc, "realloc") }
            }
            return transfer == .stream
                ? CoreFunctionType([.i32, pointer, pointer], [pointer]) : CoreFunctionType([.i32, pointer], [.i32])
        }
    }

    /// The type of what a new thread's function is given.
    private func threadStart(_ index: UInt32, _ name: String, in scope: ComponentScope)
        throws(ComponentError) -> CoreType
    {
        let number = try self.coreType(index, in: scope)
        guard let type = self.arena.coreTypes.numbers(number), type.results.isEmpty, type.parameters.count == 1,
            let closure = type.parameters.first, closure == .i32 || closure == .i64
        else {
            throw self.invalid("start function of `\(name)` must take a single `i32` argument and return nothing")
        }
        return closure
    }

    private func threadTable(_ index: UInt32, _ name: String, in scope: ComponentScope)
        throws(ComponentError) -> CoreType
    {
        let table = try self.lookUp(scope.coreTables, index, "table")
        let functions = CoreValueType.reference(isNullable: true, .abstract(.function, isShared: false))
        guard self.arena.coreTypes.isSubtype(table.element, of: functions) else {
            throw self.invalid("`\(name)` expects a table of `funcref`, not of `\(table.element)`")
        }
        return table.limits.is64 ? .i64 : .i32
    }
}

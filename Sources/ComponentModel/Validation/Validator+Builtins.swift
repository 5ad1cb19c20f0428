/// Built-ins of the asynchronous model (CanonicalABI.md, "Canonical Definitions").
extension Validator {
    /// The number of the built-in's core type.
    func builtin(_ builtin: BuiltinSyntax, in scope: ComponentScope) throws(ComponentError) -> Int {
        let store = self.arena.coreTypes
        switch builtin.kind {
        case .fixed(let type): return store.function(type)
        case .taskReturn(let result, let options):
            let addressType = try self.check(options, .taskReturn, isAsync: true, in: scope)
            guard let result = try self.optional(result, in: scope) else { return store.function([], []) }
            if case .type(let id) = result, self.arena[id].containsBorrow {
                throw self.invalid("function result cannot contain a `borrow` type")
            }
            let flat = try self.flat([result], addressType, limit: Flattening.maximumParameters)
            if flat == nil || self.containPointers([result]) { try self.require(options.memory, "memory") }
            return store.function(CoreFunctionType(flat ?? [addressType.coreType]))
        case .context(let isSet, let type, let slot):
            guard type == .number(.i32) || type == .number(.i64) else {
                throw self.invalid("`\(builtin.name)` only supports `i32` and `i64`")
            }
            guard slot < 2 else { throw self.invalid("`\(builtin.name)` immediate must be less than 2: \(slot)") }
            return isSet ? store.function([type], []) : store.function([], [type])
        case .waitableSet(let memory):
            let memory = try self.lookUp(scope.coreMemories, memory, "memory")
            return store.function(CoreFunctionType([.i32, memory.limits.addressType.coreType], [.i32]))
        case .transfer(let transfer, let operation, let type, let options):
            return store.function(try self.transfer(transfer, operation, type, options, builtin.name, in: scope))
        case .errorContextNew(let options):
            let addressType = try self.check(options, .errorContext, isAsync: false, in: scope)
            try self.require(options.memory, "memory")
            let pointer = addressType.coreType
            return store.function(CoreFunctionType([pointer, pointer], [.i32]))
        case .errorContextMessage(let options):
            let addressType = try self.check(options, .errorContext, isAsync: false, in: scope)
            try self.require(options.memory, "memory")
            try self.require(options.realloc, "realloc")
            return store.function(CoreFunctionType([.i32, addressType.coreType]))
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
            let addressType = try self.check(options, .transfer, isAsync: true, in: scope)
            if let element {
                try self.require(options.memory, "memory")
                if operation == .read, self.containPointers([element]) { try self.require(options.realloc, "realloc") }
            }
            let pointer = addressType.coreType
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
        return table.limits.addressType.coreType
    }
}

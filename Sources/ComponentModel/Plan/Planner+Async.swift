/// Built-ins of the asynchronous model become trampolines.
extension Planner {
    func builtin(_ syntax: BuiltinSyntax, in scope: Int, _ componentInstance: Int) throws(ComponentError) -> CoreItem {
        let (builtin, type) = try self.resolve(syntax, in: scope)
        return self.trampoline(.builtin(builtin, componentInstance: componentInstance), type)
    }

    private func resolve(
        _ syntax: BuiltinSyntax, in scope: Int
    ) throws(ComponentError) -> (AsyncBuiltin, CoreFunctionType) {
        switch syntax.kind {
        case .fixed(let type):
            guard let builtin = Self.fixed(syntax) else {
                throw self.unsupported("the built-in '\(syntax.name)' of the asynchronous model")
            }
            return (builtin, type)
        case .taskReturn(let result, let options):
            let result = try self.optional(result, in: scope)
            try self.spend(result?.nodes ?? 1)
            let canonical = try self.options(options, in: scope)
            let flat = ComponentFunctionType([], result: result?.type)
                .flatResults(canonical.addressType, isAsync: true)
            return (
                .taskReturn(result: result?.type, options: self.optionsIndex(canonical)),
                CoreFunctionType(flat ?? [canonical.addressType.coreType])
            )
        case .context(let isSet, let type, let slot):
            guard case .number(let number) = type else { throw self.invalid("a context slot holds a number") }
            return isSet
                ? (.contextSet(slot: Int(slot)), CoreFunctionType([number]))
                : (.contextGet(slot: Int(slot)), CoreFunctionType([], [number]))
        case .waitableSet(let memory):
            let item = try self.lookUp(self.scopes[scope].coreMemories, memory, "core memory")
            let slot = self.memorySlot(item.definition)
            let (flag, addressType) = (syntax.isCancellable, item.kind.addressType)
            let type = CoreFunctionType([.i32, addressType.coreType], [.i32])
            return syntax.name == "waitable-set.wait"
                ? (.waitableSetWait(isCancellable: flag, memory: slot, addressType), type)
                : (.waitableSetPoll(isCancellable: flag, memory: slot, addressType), type)
        case .transfer(let transfer, let operation, let type, let options):
            return try self.transfer(transfer, operation, type, options, syntax.name, in: scope)
        case .errorContextNew(let options):
            let canonical = try self.options(options, in: scope)
            let pointer = canonical.addressType.coreType
            return (
                .errorContextNew(options: self.optionsIndex(canonical)), CoreFunctionType([pointer, pointer], [.i32])
            )
        case .errorContextMessage(let options):
            let canonical = try self.options(options, in: scope)
            return (
                .errorContextDebugMessage(options: self.optionsIndex(canonical)),
                CoreFunctionType([.i32, canonical.addressType.coreType])
            )
        case .threadNew(let type, let table):
            let item = try self.lookUp(self.scopes[scope].coreTables, table, "core table")
            let argument = try self.threadArgument(type, in: scope)
            let addressType = item.kind.addressType
            return (
                .threadNew(table: self.tableSlot(item.definition), addressType, argument: argument),
                CoreFunctionType([addressType.coreType, argument], [.i32])
            )
        }
    }

    /// What a new thread's function is given.
    private func threadArgument(_ type: UInt32, in scope: Int) throws(ComponentError) -> CoreType {
        guard let type = try self.lookUp(self.scopes[scope].coreTypes, type, "core type"),
            let argument = type.parameters.first
        else { throw self.invalid("a new thread's function takes one number") }
        return argument
    }

    private static func fixed(_ syntax: BuiltinSyntax) -> AsyncBuiltin? {
        let flag = syntax.isCancellable
        switch syntax.name {
        case "task.cancel": return .taskCancel
        case "subtask.cancel": return .subtaskCancel(isAsync: flag)
        case "subtask.drop": return .subtaskDrop
        case "backpressure.set": return .backpressureSet
        case "backpressure.inc": return .backpressureIncrement
        case "backpressure.dec": return .backpressureDecrement
        case "waitable-set.new": return .waitableSetNew
        case "waitable-set.drop": return .waitableSetDrop
        case "waitable.join": return .waitableJoin
        case "error-context.drop": return .errorContextDrop
        case "thread.index": return .threadIndex
        case "thread.resume-later": return .threadResumeLater
        case "thread.suspend": return .threadSuspend(isCancellable: flag)
        case "thread.yield": return .threadYield(isCancellable: flag)
        case "thread.suspend-then-resume": return .threadSuspendThenResume(isCancellable: flag)
        case "thread.yield-then-resume": return .threadYieldThenResume(isCancellable: flag)
        case "thread.suspend-then-promote": return .threadSuspendThenPromote(isCancellable: flag)
        case "thread.yield-then-promote": return .threadYieldThenPromote(isCancellable: flag)
        default: return nil
        }
    }

    private func transfer(
        _ transfer: BuiltinSyntax.Transfer, _ operation: BuiltinSyntax.TransferOperation, _ type: UInt32,
        _ options: CanonOptionsSyntax, _ name: String, in scope: Int
    ) throws(ComponentError) -> (AsyncBuiltin, CoreFunctionType) {
        let payload: ValueType?
        switch (transfer, try self.lookUp(self.scopes[scope].types, type, "type")) {
        case (.stream, .value(let resolved)):
            guard case .stream(let element) = resolved.type else { throw self.invalid("`\(name)` requires a stream") }
            try self.spend(resolved.nodes)
            payload = element
        case (.future, .value(let resolved)):
            guard case .future(let element) = resolved.type else { throw self.invalid("`\(name)` requires a future") }
            try self.spend(resolved.nodes)
            payload = element
        default: throw self.invalid("`\(name)` requires a \(transfer) type: type index \(type) is none")
        }
        let isReading = name.hasSuffix("read") || name.hasSuffix("readable")
        let resolved: TransferBuiltin.Operation
        let coreType: CoreFunctionType
        switch operation {
        case .new: (resolved, coreType) = (.new, CoreFunctionType([], [.i64]))
        case .read, .write:
            var canonical = try self.options(options, in: scope)
            canonical.isAsync = options.isAsync
            let index = self.optionsIndex(canonical)
            resolved = isReading ? .read(options: index) : .write(options: index)
            let pointer = canonical.addressType.coreType
            coreType =
                transfer == .stream
                ? CoreFunctionType([.i32, pointer, pointer], [pointer]) : CoreFunctionType([.i32, pointer], [.i32])
        case .cancel:
            resolved = isReading ? .cancelRead(isAsync: options.isAsync) : .cancelWrite(isAsync: options.isAsync)
            coreType = CoreFunctionType([.i32], [.i32])
        case .drop:
            (resolved, coreType) = (isReading ? .dropReadable : .dropWritable, CoreFunctionType([.i32]))
        }
        let builtin = TransferBuiltin(
            kind: transfer == .stream ? .stream : .future, operation: resolved, payload: payload,
            signature: try payload.map { (type) throws(ComponentError) in try self.signature { $0.write(type) } } ?? "")
        return (.transfer(builtin), coreType)
    }
}

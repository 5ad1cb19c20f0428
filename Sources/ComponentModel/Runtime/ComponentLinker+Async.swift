import WasmEngine

/// Trampolines of the asynchronous model.
extension ComponentLinker {
    typealias Made = (HostCallback, any Sendable & AnyObject)

    /// Numbers of the types that `task.return` is used with.
    static func resultNumbers(_ plan: ComponentPlan) -> [ValueType?: Int] {
        var numbers: [ValueType?: Int] = [:]
        for trampoline in plan.trampolines {
            guard case .builtin(.taskReturn(let result, _), _) = trampoline.kind else { continue }
            if numbers[result] == nil { numbers[result] = numbers.count }
        }
        return numbers
    }

    func call(adaptedFunction: Int, options: Int, _ copies: TaskCopies) -> Made {
        let function = self.plan.adaptedFunctions[adaptedFunction]
        let caller = self.plan.options[options]
        let callee = self.plan.options[function.options]
        let exported = self.exported(function, name: "a function of another component")
        let isRefused =
            self.plan.contains(caller.componentInstance, callee.componentInstance)
            || self.plan.contains(callee.componentInstance, caller.componentInstance)
        let forms = CallForms(
            type: function.type, caller: function.type.lowered(by: caller), callee: function.type.lifted(by: callee))
        return (
            GuestCall.callback,
            GuestCall(
                callee: exported, caller: self.lowering("a function of another component", caller), forms: forms,
                copies: self.slots(copies), isRefused: isRefused)
        )
    }

    func slots(_ copies: TaskCopies) -> CallCopies {
        CallCopies(
            parameters: copies.parameters.map { self.functionSlots[$0] },
            result: copies.result.map { self.functionSlots[$0] })
    }

    func builtin(_ builtin: AsyncBuiltin, _ componentInstance: Int, _ type: CoreFunctionType) -> Made {
        func plain(
            _ callback: @escaping HostCallback, slot: Int = 0, flag: Bool = false, _ addressType: AddressType = .i32
        ) -> Made {
            (
                callback,
                TaskTrampoline.Builtin(componentInstance, slot: slot, flag: flag, addressType: addressType)
            )
        }
        switch builtin {
        case .contextGet(let slot): return plain(TaskTrampoline.contextGet, slot: slot)
        case .contextSet(let slot):
            return plain(
                type.parameters.first == .i64 ? TaskTrampoline.contextSet64 : TaskTrampoline.contextSet32, slot: slot)
        case .backpressureSet: return plain(TaskTrampoline.backpressureSet)
        case .backpressureIncrement: return plain(TaskTrampoline.backpressureIncrement)
        case .backpressureDecrement: return plain(TaskTrampoline.backpressureDecrement)
        case .taskReturn(let result, let options):
            let options = self.plan.options[options]
            let environment = TaskTrampoline.TaskReturn(
                componentInstance, result: self.resultNumbers[result] ?? -1,
                memory: options.memory.map { self.memorySlots[$0] }, encoding: options.encoding)
            return (TaskTrampoline.TaskReturn.callback, environment)
        case .taskCancel: return plain(TaskTrampoline.taskCancel)
        case .waitableSetNew: return plain(TaskTrampoline.waitableSetNew)
        case .waitableSetWait(let flag, let memory, let addressType):
            return plain(TaskTrampoline.waitableSetWait, slot: self.memorySlots[memory], flag: flag, addressType)
        case .waitableSetPoll(let flag, let memory, let addressType):
            return plain(TaskTrampoline.waitableSetPoll, slot: self.memorySlots[memory], flag: flag, addressType)
        case .waitableSetDrop: return plain(TaskTrampoline.waitableSetDrop)
        case .waitableJoin: return plain(TaskTrampoline.waitableJoin)
        case .subtaskCancel(let flag): return plain(TaskTrampoline.subtaskCancel, flag: flag)
        case .subtaskDrop: return plain(TaskTrampoline.subtaskDrop)
        case .transfer(let transfer):
            return (StreamBuiltin.callback(of: transfer), self.operation(transfer, componentInstance))
        case .errorContextNew(let options):
            let lowering = self.lowering("error-context.new", self.plan.options[options])
            return (ErrorContextBuiltin.new, lowering)
        case .errorContextDebugMessage(let options):
            let lowering = self.lowering("error-context.debug-message", self.plan.options[options])
            return (ErrorContextBuiltin.debugMessage, lowering)
        case .errorContextDrop:
            let lowering = Lowering(
                name: "error-context.drop", memory: nil, realloc: nil, componentInstance: componentInstance)
            return (ErrorContextBuiltin.drop, lowering)
        case .threadIndex: return plain(ThreadTrampoline.index)
        case .threadNew(let table, let addressType, let argument):
            let new = ThreadTrampoline.New(
                componentInstance, table: self.tableSlots[table], addressType, argument: argument)
            return (ThreadTrampoline.New.callback, new)
        case .threadResumeLater: return plain(ThreadTrampoline.resumeLater)
        case .threadSuspend(let flag): return plain(ThreadTrampoline.suspend, flag: flag)
        case .threadYield(let flag): return plain(ThreadTrampoline.yield, flag: flag)
        case .threadSuspendThenResume(let flag): return plain(ThreadTrampoline.suspendThenResume, flag: flag)
        case .threadYieldThenResume(let flag): return plain(ThreadTrampoline.yieldThenResume, flag: flag)
        case .threadSuspendThenPromote(let flag): return plain(ThreadTrampoline.suspendThenPromote, flag: flag)
        case .threadYieldThenPromote(let flag): return plain(ThreadTrampoline.yieldThenPromote, flag: flag)
        }
    }

    private func operation(_ builtin: TransferBuiltin, _ componentInstance: Int) -> StreamOperation {
        let name = "\(builtin.kind).\(builtin.operation.name)"
        switch builtin.operation {
        case .read(let options), .write(let options):
            return StreamOperation(builtin, lowering: self.lowering(name, self.plan.options[options]))
        case .cancelRead(let isAsync), .cancelWrite(let isAsync):
            return StreamOperation(
                builtin,
                lowering: Lowering(
                    name: name, memory: nil, realloc: nil, componentInstance: componentInstance, isAsync: isAsync))
        case .new, .dropReadable, .dropWritable:
            return StreamOperation(
                builtin,
                lowering: Lowering(name: name, memory: nil, realloc: nil, componentInstance: componentInstance))
        }
    }
}

extension ComponentPlan {
    /// Whether a component instance is inside another one, or the same.
    func contains(_ outer: Int, _ inner: Int) -> Bool {
        var current: Int? = inner
        while let instance = current {
            if instance == outer { return true }
            current = self.componentParents[instance]
        }
        return false
    }

    /// Component instances that can tell, or can let others tell, which task they run in.
    var instancesWithTasks: Set<Int> {
        var instances: Set<Int> = []
        for trampoline in self.trampolines {
            switch trampoline.kind {
            case .builtin(_, let componentInstance): instances.insert(componentInstance)
            case .callTask(_, let options, _): instances.insert(self.options[options].componentInstance)
            case .lower(let function, let options), .lowerByCopy(let function, let options, _):
                guard self.importedFunctions[function].type.isAsync else { break }
                instances.insert(self.options[options].componentInstance)
            default: break
            }
        }
        return instances
    }

    var instancesWithContext: Set<Int> {
        var instances: Set<Int> = []
        for case .builtin(.contextSet, let componentInstance) in self.trampolines.map(\.kind) {
            instances.insert(componentInstance)
        }
        return instances
    }

    /// Whether some component uses the asynchronous model: its calls need a ``TaskScheduler``.
    package var usesTasks: Bool {
        self.trampolines.contains { trampoline in
            switch trampoline.kind {
            case .builtin, .callTask: true
            default: false
            }
        } || self.options.contains(where: \.isAsync)
    }
}

import CWasmtime
import WasmEngine

/// What adapters call around a call from component to component that runs on its caller's fiber.
extension TaskTrampoline {
    /// Around calls from component to component that adapters do.
    static let enterTask: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, _ in
            try instance.enterTask(componentInstance: builtin.componentInstance)
        }
    }

    static let saveContext: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { _, instance, _ in
            instance.saveContext()
        }
    }

    static let restoreContext: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { _, instance, _ in
            instance.restoreContext()
        }
    }

    static let exitTask: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { _, instance, _ in
            try instance.exitTask()
        }
    }
}

extension ComponentInstance {
    /// Begins a synchronous call of a component instance on the running fiber: a task and a thread of its own.
    func enterTask(componentInstance: Int) throws {
        let parent = self.currentThread
        let task = GuestTask(
            nil, instance: self, componentInstance: componentInstance, caller: nil, account: parent?.account)
        task.progress = .started
        let thread = GuestThread(task, runner: self.runner, step: .begin, parent: parent)
        thread.isRunning = true
        thread.callerSlots = self.contextSlots
        try task.register(thread)
        self.contextSlots = ContextSlots()
        if let worker = parent?.worker {
            thread.worker = worker
            worker.thread = thread
        }
        self.currentThread = thread
    }

    func exitTask() throws {
        guard let thread = self.currentThread, thread.task.function == nil else { return }
        thread.task.progress = .resolved
        try thread.task.unregister(thread)
        thread.isRunning = false
        self.contextSlots = thread.callerSlots
        if let worker = thread.worker {
            worker.thread = thread.parent
            thread.worker = nil
        }
        self.currentThread = thread.parent
    }
}

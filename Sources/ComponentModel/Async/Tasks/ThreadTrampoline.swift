import CWasmtime
import WasmEngine

/// Built-ins of threads, as host functions. Source: `CanonicalABI.md`, "Canonical Definitions".
enum ThreadTrampoline {
    typealias Builtin = TaskTrampoline.Builtin

    static let index: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let (thread, _) = try instance.running(in: builtin)
            values.storeBytes(of: thread.index, as: UInt32.self)
        }
    }

    /// `thread.new-indirect`.
    final class New: Sendable {
        private let builtin: Builtin
        private let argument: CoreType

        /// - Parameters:
        ///   - table: extern slot of the table with the thread's function.
        ///   - argument: what that function is given.
        init(_ componentInstance: Int, table: Int, _ addressType: AddressType, argument: CoreType) {
            self.builtin = Builtin(componentInstance, slot: table, addressType: addressType)
            self.argument = argument
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: New.self) { new, instance, values in
                let (running, runner) = try instance.running(in: new.builtin)
                let function = try instance.tableFunction(
                    new.builtin.addressType.load(values, slot: 0), slot: new.builtin.slot, argument: new.argument)
                let argument = values.load(fromByteOffset: 16, as: UInt64.self)
                let task = running.task
                let thread = GuestThread(task, runner: runner, step: .begin)
                // The thread keeps its step, and the instance what runs it.
                unowned(unsafe) let started = thread
                unowned(unsafe) let owner = instance
                thread.step = .job {
                    try owner.call(function, argument: argument)
                    try started.task.unregister(started)
                }
                try task.register(thread)
                values.storeBytes(of: thread.index, as: UInt32.self)
            }
        }
    }

    static let resumeLater: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let (_, runner) = try instance.running(in: builtin)
            let other = try instance.suspendedThread(values.load(as: UInt32.self), in: builtin)
            other.wait = .turn
            runner.enqueue(other)
        }
    }

    static let suspend: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let (_, runner) = try instance.running(in: builtin)
            let isCancelled = try runner.block(.nothing, isCancellable: builtin.flag)
            values.storeBytes(of: isCancelled ? 1 : 0, as: UInt32.self)
        }
    }

    static let yield: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            try instance.checkMayLeave(builtin.componentInstance)
            let isCancelled = try instance.runner?.block(.turn, isCancellable: builtin.flag) ?? false
            values.storeBytes(of: isCancelled ? 1 : 0, as: UInt32.self)
        }
    }

    static let suspendThenResume: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let (_, runner) = try instance.running(in: builtin)
            let other = try instance.suspendedThread(values.load(as: UInt32.self), in: builtin)
            let isCancelled = try runner.switchTo(other, wait: .nothing, isCancellable: builtin.flag)
            values.storeBytes(of: isCancelled ? 1 : 0, as: UInt32.self)
        }
    }

    static let yieldThenResume: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let (_, runner) = try instance.running(in: builtin)
            let other = try instance.suspendedThread(values.load(as: UInt32.self), in: builtin)
            let isCancelled = try runner.switchTo(other, wait: .turn, isCancellable: builtin.flag)
            values.storeBytes(of: isCancelled ? 1 : 0, as: UInt32.self)
        }
    }

    static let suspendThenPromote: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let isCancelled = try instance.promote(
                values.load(as: UInt32.self), wait: .nothing, in: builtin)
            values.storeBytes(of: isCancelled ? 1 : 0, as: UInt32.self)
        }
    }

    static let yieldThenPromote: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let isCancelled = try instance.promote(
                values.load(as: UInt32.self), wait: .turn, in: builtin)
            values.storeBytes(of: isCancelled ? 1 : 0, as: UInt32.self)
        }
    }
}

extension ComponentInstance {
    fileprivate func running(in builtin: TaskTrampoline.Builtin) throws -> (GuestThread, TaskRunner) {
        try self.checkMayLeave(builtin.componentInstance)
        guard let thread = self.currentThread, let runner = self.runner else {
            throw HostLimitError("the guest used threads where nothing runs tasks")
        }
        return (thread, runner)
    }

    fileprivate func suspendedThread(_ index: UInt32, in builtin: TaskTrampoline.Builtin) throws -> GuestThread {
        let thread = try self.concurrency(of: builtin.componentInstance).threads.thread(index)
        guard thread.isSuspended else { throw GuestFault("cannot resume thread which is not suspended") }
        return thread
    }

    fileprivate func promote(
        _ index: UInt32, wait: GuestThread.Wait, in builtin: TaskTrampoline.Builtin
    ) throws -> Bool {
        let (_, runner) = try self.running(in: builtin)
        let other = try self.concurrency(of: builtin.componentInstance).threads.thread(index)
        guard other.isReady else { return try runner.block(wait, isCancellable: builtin.flag) }
        return try runner.switchTo(other, wait: wait, isCancellable: builtin.flag)
    }

    fileprivate func call(_ function: wasmtime_func_t, argument: UInt64) throws {
        try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 1) { slots in
            FlatValues(slots).set(i64: argument, at: 0)
            try self.call(function, slots)
        }
    }
}

import CWasmtime
import WasmEngine

/// Built-ins of tasks, waitables and subtasks, as host functions. Source: `CanonicalABI.md`, "Canonical Definitions".
enum TaskTrampoline {
    /// A built-in of one component instance.
    final class Builtin: Sendable {
        let componentInstance: Int
        /// Of context slots; or the extern slot of the memory that an event goes to.
        let slot: Int
        /// Whether cancelling the task ends it early; or whether it does not wait.
        let flag: Bool
        /// How that memory is addressed.
        let addressType: AddressType

        init(_ componentInstance: Int, slot: Int = 0, flag: Bool = false, addressType: AddressType = .i32) {
            self.componentInstance = componentInstance
            self.slot = slot
            self.flag = flag
            self.addressType = addressType
        }
    }

    final class TaskReturn: Sendable {
        let componentInstance: Int
        /// See ``ComponentLinker/resultNumbers``.
        let result: Int
        /// Extern slot.
        let memory: Int?
        let encoding: StringEncoding

        init(_ componentInstance: Int, result: Int, memory: Int?, encoding: StringEncoding) {
            self.componentInstance = componentInstance
            self.result = result
            self.memory = memory
            self.encoding = encoding
        }

        static let callback: HostCallback = { environment, caller, values, _ in
            RuntimeTrampoline.enter(environment, caller, values, as: TaskReturn.self) { builtin, instance, values in
                try instance.checkMayLeave(builtin.componentInstance)
                guard let task = instance.currentThread?.task, let function = task.function, function.isAsync else {
                    throw GuestFault("`task.return` called by a task that does not return by it")
                }
                // Without a memory it returns nothing that lies in one.
                guard function.resultNumber == builtin.result, function.encoding == builtin.encoding,
                    builtin.memory == nil || function.memory == builtin.memory
                else {
                    throw GuestFault(
                        "invalid `task.return` signature and/or options for the current task, of \(function.name)")
                }
                try task.resolve(values)
            }
        }
    }

    // MARK: Context

    static let contextGet: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            values.storeBytes(
                of: builtin.slot == 0 ? instance.contextSlots.first : instance.contextSlots.second, as: UInt64.self)
        }
    }

    static let contextSet32: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let value = UInt64(values.load(as: UInt32.self))
            if builtin.slot == 0 { instance.contextSlots.first = value } else { instance.contextSlots.second = value }
        }
    }

    static let contextSet64: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let value = values.load(as: UInt64.self)
            if builtin.slot == 0 { instance.contextSlots.first = value } else { instance.contextSlots.second = value }
        }
    }

    // MARK: Tasks

    static let taskCancel: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, _ in
            try instance.checkMayLeave(builtin.componentInstance)
            guard let task = instance.currentThread?.task, task.isAsyncLifted else {
                throw GuestFault("`task.cancel` called by a task that does not return by `task.return`")
            }
            try task.resolveAsCancelled()
        }
    }

    static let backpressureSet: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let state = instance.concurrency(of: builtin.componentInstance)
            state.backpressure = values.load(as: UInt32.self) == 0 ? 0 : 1
            state.wakeEntrants()
        }
    }

    static let backpressureIncrement: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, _ in
            let state = instance.concurrency(of: builtin.componentInstance)
            guard state.backpressure < 0xffff else { throw GuestFault("backpressure counter overflow") }
            state.backpressure += 1
        }
    }

    static let backpressureDecrement: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, _ in
            let state = instance.concurrency(of: builtin.componentInstance)
            guard state.backpressure > 0 else { throw GuestFault("backpressure counter underflow") }
            state.backpressure -= 1
            state.wakeEntrants()
        }
    }

    // MARK: Waitables

    static let waitableSetNew: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            try instance.checkMayLeave(builtin.componentInstance)
            let handle = try instance.insert(
                WaitableSet(), kind: AsyncHandle.waitableSet, componentInstance: builtin.componentInstance)
            values.storeBytes(of: handle, as: UInt32.self)
        }
    }

    static let waitableSetWait: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let set = try instance.waitableSet(values.load(as: UInt32.self), for: builtin)
            let pointer = builtin.addressType.load(values, slot: 1)
            guard let runner = instance.runner else { throw GuestFault.cannotBlock }
            let isCancelled = try runner.block(.event(set), isCancellable: builtin.flag)
            let event = isCancelled ? .taskCancelled : try set.takeEvent()
            try instance.store(event, at: pointer, memory: builtin.slot)
            values.storeBytes(of: event.code.rawValue, as: UInt32.self)
        }
    }

    static let waitableSetPoll: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let set = try instance.waitableSet(values.load(as: UInt32.self), for: builtin)
            let pointer = builtin.addressType.load(values, slot: 1)
            let isCancelled = instance.currentThread?.task.deliverPendingCancel(builtin.flag) ?? false
            let event = isCancelled ? .taskCancelled : try set.takeEvent()
            try instance.store(event, at: pointer, memory: builtin.slot)
            values.storeBytes(of: event.code.rawValue, as: UInt32.self)
        }
    }

    static let waitableSetDrop: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            let handle = values.load(as: UInt32.self)
            let set = try instance.waitableSet(handle, for: builtin)
            guard set.count == 0 else { throw GuestFault("cannot drop waitable set with waitables in it") }
            guard set.waiters.isEmpty else { throw GuestFault("cannot drop waitable set with waiters") }
            _ = try instance.removeObject(
                handle, kind: AsyncHandle.waitableSet, componentInstance: builtin.componentInstance,
                as: WaitableSet.self)
        }
    }

    static let waitableJoin: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            try instance.checkMayLeave(builtin.componentInstance)
            let waitable = try instance.waitable(
                values.load(as: UInt32.self), componentInstance: builtin.componentInstance)
            guard !waitable.hasSyncWaiter else {
                throw GuestFault("waitable cannot join a set while a thread waits for it synchronously")
            }
            let set = values.load(fromByteOffset: 16, as: UInt32.self)
            waitable.join(set == 0 ? nil : try instance.waitableSet(set, for: builtin))
        }
    }

    // MARK: Subtasks

    static let subtaskCancel: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            try instance.checkMayLeave(builtin.componentInstance)
            let subtask = try instance.object(
                values.load(as: UInt32.self), kind: AsyncHandle.subtask, componentInstance: builtin.componentInstance,
                as: Subtask.self)
            guard !subtask.isResolveDelivered else {
                throw GuestFault("`subtask.cancel` called after terminal status delivered")
            }
            guard !subtask.isCancellationRequested else {
                throw GuestFault("`subtask.cancel` called twice for the same subtask")
            }
            guard builtin.flag || subtask.set == nil else { throw GuestFault.waitableInSet }
            if !subtask.isResolved {
                subtask.isCancellationRequested = true
                try subtask.requestCancellation()
                if !subtask.isResolved {
                    guard !builtin.flag else {
                        return values.storeBytes(of: UInt32.max, as: UInt32.self)
                    }
                    // It may have an event of its start, which is of no interest.
                    guard let runner = instance.runner else { throw GuestFault.cannotBlock }
                    _ = try runner.block(.end(of: subtask))
                }
            }
            _ = try subtask.takeEvent()
            values.storeBytes(of: subtask.state.rawValue, as: UInt32.self)
        }
    }

    static let subtaskDrop: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: Builtin.self) { builtin, instance, values in
            try instance.checkMayLeave(builtin.componentInstance)
            let handle = values.load(as: UInt32.self)
            let subtask = try instance.object(
                handle, kind: AsyncHandle.subtask, componentInstance: builtin.componentInstance, as: Subtask.self)
            guard subtask.isResolveDelivered else {
                throw GuestFault("cannot drop a subtask which has not yet resolved")
            }
            subtask.join(nil)
            _ = try instance.removeObject(
                handle, kind: AsyncHandle.subtask, componentInstance: builtin.componentInstance, as: Subtask.self)
        }
    }
}

extension GuestFault {
    /// A synchronous built-in on something that is waited for elsewhere.
    static let waitableInSet = GuestFault("waitable cannot be used synchronously while added to a waitable set")
}

extension ComponentInstance {
    fileprivate func waitableSet(_ handle: UInt32, for builtin: TaskTrampoline.Builtin) throws -> WaitableSet {
        try self.checkMayLeave(builtin.componentInstance)
        return try self.object(
            handle, kind: AsyncHandle.waitableSet, componentInstance: builtin.componentInstance, as: WaitableSet.self)
    }

    /// Writes the two numbers of an event.
    fileprivate func store(_ event: WaitableEvent, at pointer: UInt64, memory: Int) throws {
        guard pointer & 3 == 0 else { throw GuestFault.misaligned(pointer: pointer, alignment: 4) }
        let bytes = try self.range(pointer, 8, memory: memory) { memory in
            GuestFault.outOfBounds(pointer: pointer, length: 8, memory: memory)
        }
        guard let base = bytes.baseAddress else { return }
        let view = GuestMemoryView(base: base, count: bytes.count)
        view.set(u32: event.first, at: 0)
        view.set(u32: event.second, at: 4)
    }
}

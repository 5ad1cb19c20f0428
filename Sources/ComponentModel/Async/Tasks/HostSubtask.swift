/// A call of a host function whose answer comes later.
final class HostSubtask: Subtask {
    private var onCancel: (() -> Void)?

    /// - Parameter onCancel: the guest wants no answer any more.
    init(_ instance: ComponentInstance, onCancel: @escaping () -> Void) {
        self.onCancel = onCancel
        super.init(instance, state: .started)
    }

    /// The answer is there, or nobody will give one.
    func forget() {
        self.onCancel = nil
        self.instance.runner?.remove(self)
    }

    override func requestCancellation() throws {
        guard let onCancel = self.onCancel else { return }
        self.forget()
        onCancel()
        self.advance(to: .cancelledBeforeReturned)
    }

    /// The instance is over.
    func abandon() {
        let onCancel = self.onCancel
        self.onCancel = nil
        onCancel?()
    }
}

extension HostCall {
    /// Gives the guest the answer of an `async` function: now where it is there, else later.
    ///
    /// In a synchronous lowering the guest is suspended until it is there. In an asynchronous one the call becomes a
    /// subtask; what it borrowed stays lent until the guest knows of its end.
    ///
    /// - Parameter lower: writes the result, once; the call it gets has the same memory and allocator. In a
    ///   synchronous lowering it also returns flat results (`returnI32`).
    @inlinable
    @inline(__always)
    package func complete<Value>(
        _ answer: HostAnswer<Value>, _ lower: @escaping (Value, borrowing HostCall) throws -> Void
    ) throws {
        guard case .ready(let value) = answer else { return try self.completeLater(answer, lower) }
        try lower(value, self)
        self.completeAtOnce()
    }

    /// What follows the result of a call that is over at once: its status, where the guest wants one.
    @inlinable
    @inline(__always)
    package func completeAtOnce() {
        if self.isAsync { self.returnI32(2) }
    }

    /// ``complete(_:_:)`` of an answer that may not be there yet.
    @usableFromInline
    package func completeLater<Value>(
        _ answer: HostAnswer<Value>, _ lower: @escaping (Value, borrowing HostCall) throws -> Void
    ) throws {
        switch answer {
        case .ready(let value):
            try lower(value, self)
            self.completeAtOnce()
        case .later(let pending):
            if let value = try pending.valueIfComplete() {
                try lower(value, self)
                return self.completeAtOnce()
            }
            if self.isAsync { return try self.defer(pending, lower) }
            // Without a scheduler, and inside a call that holds the store, waiting holds everything.
            guard let runner = self.instance.runner, self.instance.currentThread?.worker != nil else {
                return try lower(self.value(of: answer), self)
            }
            let subtask = HostSubtask(self.instance) { pending.cancel() }
            runner.add(subtask)
            pending.whenComplete { _ in
                subtask.forget()
                subtask.advance(to: .returned)
            }
            do {
                _ = try runner.block(.end(of: subtask))
            } catch {
                subtask.forget()
                pending.cancel()
                throw error
            }
            guard let value = try pending.valueIfComplete() else { throw HostLimitError("an answer was lost") }
            self.passage?.resume()
            try lower(value, self)
        }
    }

    /// Makes the call a subtask.
    private func `defer`<Value>(
        _ pending: Pending<Value>, _ lower: @escaping (Value, borrowing HostCall) throws -> Void
    ) throws {
        guard let runner = self.instance.runner else {
            throw HostLimitError("the guest called an asynchronous function where nothing runs tasks")
        }
        let (instance, lowering) = (self.instance, self.lowering)
        let passage = self.passage
        let account = instance.currentThread?.account
        let subtask = HostSubtask(instance) { pending.cancel() }
        let handle = try instance.insert(
            subtask, kind: AsyncHandle.subtask, componentInstance: lowering.componentInstance)
        subtask.lenders = instance.takeLenders(above: instance.hostCallLenders)
        runner.add(subtask)
        self.returnI32(subtask.state.rawValue | handle << 4)
        pending.whenComplete { [unowned pending] result in
            subtask.forget()
            let companion = pending.companion
            instance.runOnFiber(for: account) {
                defer { withExtendedLifetime(companion) {} }
                let value = try result.get()
                try withUnsafeTemporaryAllocation(byteCount: 16 * 16, alignment: 16) { slots in
                    guard let base = slots.baseAddress else { return }
                    instance.liftBudget = ComponentInstance.maximumLift
                    passage?.resume()
                    try lower(value, HostCall(values: base, instance: instance, lowering: lowering))
                }
                try passage?.end(instance)
                subtask.advance(to: .returned)
            }
        }
    }
}

import CWasmtime

/// Time slices, and how a fiber stops in the middle of what it does.
extension Store {
    /// Suspends the running fiber: `resume()` of it returns `.waiting`, and this returns when it is resumed again.
    package func wait() throws(WasmFailure) {
        try self.pause(.waiting)
    }

    /// Suspends the running fiber for a reason.
    ///
    /// It enters a guest function that does nothing, after ending the time slice: the function's first instruction
    /// suspends. Unlike an asynchronous host function of Wasmtime, this leaves the store's synchronous calls allowed.
    func pause(_ reason: FiberState.Suspension) throws(WasmFailure) {
        guard let state = self.active else {
            throw .engine(EngineError(.misuse, "only a fiber can wait"))
        }
        let function = try self.pauseFunctionMadeOnce()
        state.pointee.suspension = reason
        wasmtime_context_set_epoch_deadline(self.context, 0)
        defer { state.pointee.suspension = .none }
        try self.call(function, UnsafeMutableBufferPointer(start: nil, count: 0))
    }

    private func pauseFunctionMadeOnce() throws(WasmFailure) -> wasmtime_func_t {
        if let function = self.pauseFunction {
            return function
        }
        let instance = try self.instantiate(self.engine.pauseModule)
        guard let function = self.function(of: instance, named: "p") else {
            throw .engine(EngineError(.other, "the pause module has no function"))
        }
        self.pauseFunction = function
        return function
    }

    /// The function that runs a fiber's body.
    func bootstrapFunctionMadeOnce() -> wasmtime_func_t {
        if let function = self.bootstrapFunction {
            return function
        }
        var function = wasmtime_func_t()
        wasmtime_func_new_unchecked(
            self.context, self.engine.emptyFunctionType, Fiber.runBody, Unmanaged.passUnretained(self).toOpaque(), nil,
            &function)
        self.bootstrapFunction = function
        return function
    }

    /// Called by the guest's code at the end of its time slice.
    static let sliceEnded: wasmtime_epoch_callback_t = { _, data, delta, kind in
        guard let data, let delta, let kind else {
            return nil
        }
        let store = Unmanaged<Store>.fromOpaque(data).takeUnretainedValue()
        delta.pointee = 1
        guard let state = store.active else {
            store.cpuTicks += 1
            guard let deadline = store.deadlineTicks, store.cpuTicks >= deadline else {
                kind.pointee = UInt8(WASMTIME_UPDATE_DEADLINE_CONTINUE)
                return nil
            }
            return store.deadlineError()
        }
        kind.pointee = UInt8(WASMTIME_UPDATE_DEADLINE_YIELD)
        guard state.pointee.suspension == .none else {
            return nil
        }
        state.pointee.cpuTicks += 1
        if let deadline = state.pointee.deadlineTicks, state.pointee.cpuTicks >= deadline {
            return store.deadlineError()
        }
        state.pointee.suspension = .yielded
        return nil
    }

    private func deadlineError() -> OpaquePointer? {
        self.isPastDeadline = true
        return wasmtime_error_new("deadline")
    }

    // MARK: Stack

    /// Stands for the stack of a fiber whose start is not known.
    static let unknownStackFloor = UInt.max

    /// What `checkStack` does when the stack is low or not known.
    func checkStackSlowly() throws(WasmFailure) {
        guard let state = self.active else {
            return
        }
        guard !state.pointee.isCancelled else {
            throw .cancelled
        }
        let stackPointer = cwasmtime_stack_pointer()
        guard self.stackFloor == Self.unknownStackFloor else {
            throw .trap(Trap(code: .stackOverflow))
        }
        // As if the guest and the host functions had used all they may before.
        let configuration = self.engine.configuration
        let used = 2 * (configuration.maxWasmStack + configuration.hostStackReserve)
        let left = UInt(max(0, configuration.asyncStackSize - used))
        self.stackFloor = stackPointer > left ? stackPointer - left : 0
    }
}

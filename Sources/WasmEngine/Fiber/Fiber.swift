import CWasmtime

/// What a fiber's frames and its owner share, at one address for the fiber's life.
///
/// Plain memory, not an object: frames that use it must not keep the fiber alive, or a suspended fiber whose owner lets
/// go of it would never end.
struct FiberState {
    enum Suspension {
        case none
        case waiting
        case yielded
        /// `resume()` is to make an instance.
        case request
    }

    var function: wasmtime_func_t
    var trap: OpaquePointer?
    var error: OpaquePointer?
    var fiber: Unmanaged<Fiber>?
    var body: (() throws -> Void)?
    var result: Result<Void, any Error>?
    var suspension = Suspension.none
    var request: InstanceRequest?
    var isCancelled = false
    var stackFloor: UInt = 0
    var cpuTicks: UInt64 = 0
    var deadlineTicks: UInt64?
}

/// Runs a Swift closure, and the guests it calls, on a stack of its own that can be suspended and resumed.
///
/// A fiber is used on the thread that its store is used on. It ends when its body returns, when it is cancelled, or when
/// its last reference goes: then whatever it was doing is unwound.
package final class Fiber {
    package enum Outcome {
        case finished(Result<Void, any Error>)
        /// `wait()` was called: resume when what it waits for is there.
        case waiting
        /// The time slice is over: resume soon.
        case yielded
    }

    package let store: Store
    private let state: UnsafeMutablePointer<FiberState>
    private var future: OpaquePointer?

    /// `body` runs at the first `resume()`. It must return soon after any call of it threw `WasmFailure.cancelled`.
    package init(store: Store, body: @escaping () throws -> Void) {
        self.store = store
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: FiberState(function: wasmtime_func_t(), body: body))
        self.state.pointee.fiber = Unmanaged.passUnretained(self)
    }

    deinit {
        // Frames that unwind must not get a reference to an object that is going.
        self.state.pointee.fiber = nil
        self.cancel()
        self.state.deinitialize(count: 1)
        self.state.deallocate()
    }

    /// Runs the body until it ends, waits, or uses up its time slice.
    package func resume() -> Outcome {
        if let result = self.state.pointee.result, self.future == nil {
            return .finished(result)
        }
        guard self.store.active == nil else {
            return .finished(.failure(EngineError(.misuse, "a fiber was resumed from a fiber of its own store")))
        }
        let future = self.futureMadeOnce()
        while !self.poll(future) {
            let suspension = self.state.pointee.suspension
            self.state.pointee.suspension = .none
            guard suspension == .request else {
                return suspension == .waiting ? .waiting : .yielded
            }
            self.state.pointee.request?.perform(in: self.store.context)
        }
        self.future = nil
        wasmtime_call_future_delete(future)
        let result = self.takeResult()
        self.state.pointee.result = result
        return .finished(result)
    }

    private func poll(_ future: OpaquePointer) -> Bool {
        self.store.active = self.state
        self.store.stackFloor = self.state.pointee.stackFloor
        defer {
            self.store.active = nil
            self.store.stackFloor = 0
        }
        return wasmtime_call_future_poll(future)
    }

    /// Suspends this fiber, from within: `resume()` returns `.waiting`, and this returns when it is resumed again.
    package func wait() throws(WasmFailure) {
        guard self.store.active == self.state else {
            throw .engine(EngineError(.misuse, "a fiber can wait from within only"))
        }
        try self.store.wait()
    }

    /// Ends the fiber: what it was doing is unwound, its pending calls throw `WasmFailure.cancelled`.
    package func cancel() {
        guard self.store.active != self.state else {
            // From within: the body must return by itself; no call it makes succeeds any more.
            self.state.pointee.isCancelled = true
            self.state.pointee.stackFloor = .max
            self.store.stackFloor = .max
            return
        }
        if let future = self.future {
            self.future = nil
            self.state.pointee.isCancelled = true
            let (active, stackFloor) = (self.store.active, self.store.stackFloor)
            self.store.active = self.state
            self.store.stackFloor = .max
            wasmtime_call_future_delete(future)
            self.store.active = active
            self.store.stackFloor = stackFloor
            self.store.pendingError = nil
            self.state.pointee.result = .failure(WasmFailure.cancelled)
        }
        self.state.pointee.body = nil
        if self.state.pointee.result == nil {
            self.state.pointee.result = .failure(WasmFailure.cancelled)
        }
    }

    /// Time slices used so far.
    ///
    /// A slice counts when the guest is running at its end, so short runs between waits may not count.
    package var cpuTicks: UInt64 {
        self.state.pointee.cpuTicks
    }

    /// After so many slices the guest traps with `Trap.Code.deadline`.
    package var deadlineTicks: UInt64? {
        get { self.state.pointee.deadlineTicks }
        set { self.state.pointee.deadlineTicks = newValue }
    }

    private func futureMadeOnce() -> OpaquePointer {
        if let future = self.future {
            return future
        }
        self.state.pointee.function = self.store.bootstrapFunctionMadeOnce()
        wasmtime_context_set_epoch_deadline(self.store.context, 1)
        let state = self.state
        let base = UnsafeMutableRawPointer(state)
        let future = wasmtime_func_call_async(
            self.store.context,
            Self.field(of: base, at: MemoryLayout<FiberState>.offset(of: \.function)),
            nil, 0, nil, 0,
            Self.field(of: base, at: MemoryLayout<FiberState>.offset(of: \.trap)),
            Self.field(of: base, at: MemoryLayout<FiberState>.offset(of: \.error)))
        self.future = future
        return future
    }

    /// The address of a stored property of the state, which stays the same as long as the state.
    private static func field<T>(of base: UnsafeMutableRawPointer, at offset: Int?) -> UnsafeMutablePointer<T> {
        // All properties are stored, so each has an offset.
        (base + offset.unsafelyUnwrapped).assumingMemoryBound(to: T.self)
    }

    /// What the body gave, or why it could not run.
    private func takeResult() -> Result<Void, any Error> {
        if let trap = self.state.pointee.trap {
            self.state.pointee.trap = nil
            let failure = WasmFailure.trap(Trap(taking: trap))
            return self.state.pointee.result ?? .failure(failure)
        }
        if let error = self.state.pointee.error {
            self.state.pointee.error = nil
            let message = CError.takeLine(error)
            return self.state.pointee.result ?? .failure(WasmFailure.engine(EngineError(.instantiation, message)))
        }
        return self.state.pointee.result ?? .failure(WasmFailure.engine(EngineError(.other, "the fiber has no result")))
    }

    /// The host function that a fiber starts in.
    static let runBody: HostCallback = { environment, _, _, _ in
        guard let environment else {
            return nil
        }
        Fiber.runBody(of: Unmanaged<Store>.fromOpaque(environment))
        return nil
    }

    private static func runBody(of store: Unmanaged<Store>) {
        guard let state = store._withUnsafeGuaranteedRef({ $0.active }), let body = state.pointee.body else {
            return
        }
        state.pointee.body = nil
        store._withUnsafeGuaranteedRef { store in
            let configuration = store.engine.configuration
            // The guest's part and the host's must fit below, and what lies above this frame.
            let top = cwasmtime_stack_pointer()
            let used = UInt(configuration.asyncStackSize - configuration.maxWasmStack - configuration.hostStackReserve)
            let floor = top > used ? top - used : 0
            state.pointee.stackFloor = floor
            store.stackFloor = floor
        }
        state.pointee.result = Result { try body() }
    }
}

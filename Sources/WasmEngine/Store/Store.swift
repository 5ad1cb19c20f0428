package import CWasmtime

/// The instances, memories and host state of one invocation.
///
/// Used on one thread. Guests run on a `Fiber` where they may suspend; calls off a fiber run to their end.
package final class Store {
    package let engine: Engine
    package let context: OpaquePointer
    /// Whatever the user of the store wants host functions to find. It keeps the store, not the other way round, and a host
    /// function runs only while it is there.
    package unowned(unsafe) var owner: AnyObject?
    /// An error that a host function threw, on its way through the guest to whoever called it.
    package var pendingError: (any Error)?
    /// The guest's stack at the last `WasmFailure.host`.
    package private(set) var lastHostErrorBacktrace: [Trap.Frame] = []
    /// Time slices used by calls off a fiber, and how many they may use.
    package var cpuTicks: UInt64 = 0
    package var deadlineTicks: UInt64?

    private let pointer: OpaquePointer
    /// The fiber that runs now.
    var active: UnsafeMutablePointer<FiberState>?
    /// Calls are refused when the stack is below: the running fiber's limit, 0 off a fiber.
    var stackFloor: UInt = 0
    /// The error on its way through the guest is the deadline's.
    var isPastDeadline = false
    var pauseFunction: wasmtime_func_t?
    var bootstrapFunction: wasmtime_func_t?

    package init(_ engine: Engine, limits: StoreLimits = StoreLimits()) {
        self.engine = engine
        self.pointer = wasmtime_store_new(engine.pointer, nil, nil)
        self.context = wasmtime_store_context(self.pointer)
        let address = Unmanaged.passUnretained(self).toOpaque()
        wasmtime_context_set_data(self.context, address)
        let largestMemory = engine.configuration.maxInstanceMemory
        wasmtime_store_limiter(
            self.pointer, Int64(min(max(0, limits.maxMemoryBytes ?? largestMemory), largestMemory)),
            Int64(limits.maxTableElements ?? -1),
            Int64(limits.maxInstances ?? -1), Int64(limits.maxTables ?? -1), Int64(limits.maxMemories ?? -1))
        wasmtime_store_epoch_deadline_callback(self.pointer, Self.sliceEnded, address, nil)
        wasmtime_context_set_epoch_deadline(self.context, 1)
    }

    deinit {
        wasmtime_store_delete(self.pointer)
    }

    /// The store of a host function's caller.
    @inline(__always)
    package static func current(_ caller: OpaquePointer) -> Store {
        Self.current(context: wasmtime_caller_context(caller))
    }

    /// The store that a context belongs to.
    @inline(__always)
    package static func current(context: OpaquePointer) -> Store {
        // Each context is made in `init`, which sets its data for good.
        Unmanaged<Store>.fromOpaque(wasmtime_context_get_data(context).unsafelyUnwrapped).takeUnretainedValue()
    }

    /// The fiber now running on this store.
    ///
    /// A frame on the fiber that holds this reference while it is suspended keeps the fiber alive until it is cancelled;
    /// `wait()` of the store does not.
    package var fiber: Fiber? {
        self.active?.pointee.fiber?.takeUnretainedValue()
    }

    // MARK: Instances

    package func export(
        of instance: wasmtime_instance_t, named name: UnsafeBufferPointer<CChar>
    ) -> wasmtime_extern_t? {
        var instance = instance
        return self.export(of: &instance, named: name)
    }

    package func export(
        of instance: inout wasmtime_instance_t, named name: UnsafeBufferPointer<CChar>
    ) -> wasmtime_extern_t? {
        name.withMemoryRebound(to: UInt8.self) { bytes in
            guard let start = bytes.baseAddress else {
                return nil
            }
            var item = wasmtime_extern_t()
            return wasmtime_instance_export_get(self.context, &instance, start, bytes.count, &item) ? item : nil
        }
    }

    package func export(of instance: wasmtime_instance_t, named name: String) -> wasmtime_extern_t? {
        var instance = instance
        var item = wasmtime_extern_t()
        let bytes = Array(name.utf8)
        return wasmtime_instance_export_get(self.context, &instance, bytes, bytes.count, &item) ? item : nil
    }

    /// The function that an instance exports, or nil.
    package func function(of instance: wasmtime_instance_t, named name: String) -> wasmtime_func_t? {
        guard let item = self.export(of: instance, named: name), item.kind == UInt8(WASMTIME_EXTERN_FUNC) else {
            return nil
        }
        return item.of.func
    }

    /// The memory that the module which calls a host function exports, or nil.
    package static func memory(exportedBy caller: OpaquePointer, named name: String) -> wasmtime_memory_t? {
        var item = wasmtime_extern_t()
        let bytes = name.utf8.map { CChar(bitPattern: $0) }
        guard wasmtime_caller_export_get(caller, bytes, bytes.count, &item),
            item.kind == UInt8(WASMTIME_EXTERN_MEMORY)
        else {
            return nil
        }
        return item.of.memory
    }

    /// The bytes of a memory now: any call into the guest may move or grow them.
    package func bytes(of memory: wasmtime_memory_t) -> UnsafeMutableRawBufferPointer {
        var memory = memory
        return UnsafeMutableRawBufferPointer(
            start: wasmtime_memory_data(self.context, &memory), count: wasmtime_memory_data_size(self.context, &memory))
    }

    // MARK: Calls

    /// Calls a function with arguments that its results overwrite: room for the larger of both.
    ///
    /// Nothing is checked: the values must be of the function's type.
    package func call(
        _ function: wasmtime_func_t, _ values: UnsafeMutableBufferPointer<RawValue>
    ) throws(WasmFailure) {
        try self.checkStack()
        var function = function
        var trap: OpaquePointer?
        let error = wasmtime_func_call_unchecked(self.context, &function, values.baseAddress, values.count, &trap)
        guard error == nil, trap == nil else {
            throw self.failure(error: error, trap: trap, kind: .other)
        }
    }

    /// The same, for a function in a local variable.
    ///
    /// Do not pass a property of an object: the access would last over the guest's suspensions.
    package func call(
        _ function: inout wasmtime_func_t, _ values: UnsafeMutableBufferPointer<RawValue>
    ) throws(WasmFailure) {
        let copy = function
        try self.call(copy, values)
    }

    /// Wasmtime gives each call on a fiber its whole `maxWasmStack`, however much of the fiber's stack is left.
    @inline(__always)
    func checkStack() throws(WasmFailure) {
        guard cwasmtime_stack_pointer() > self.stackFloor else {
            return try self.checkStackSlowly()
        }
    }

    /// What a host function returns so that the guest stops and its caller gets `error`.
    package static func trap(_ error: any Error, in store: Store) -> OpaquePointer {
        store.pendingError = error
        return wasmtime_trap_new([], 0)
    }

    /// The reason in the C objects, which are freed.
    func failure(error: OpaquePointer?, trap: OpaquePointer?, kind: EngineError.Kind) -> WasmFailure {
        if let pending = self.pendingError {
            self.pendingError = nil
            if let error {
                self.lastHostErrorBacktrace = Trap.frames { wasmtime_error_wasm_trace(error, $0) }
                wasmtime_error_delete(error)
            }
            if let trap {
                wasm_trap_delete(trap)
            }
            return pending as? WasmFailure ?? .host(pending)
        }
        if self.active?.pointee.isCancelled == true {
            if let error {
                wasmtime_error_delete(error)
            }
            if let trap {
                wasm_trap_delete(trap)
            }
            return .cancelled
        }
        if self.isPastDeadline, let error {
            self.isPastDeadline = false
            defer { wasmtime_error_delete(error) }
            return .trap(Trap(code: .deadline, backtrace: Trap.frames { wasmtime_error_wasm_trace(error, $0) }))
        }
        if let trap {
            return .trap(Trap(taking: trap))
        }
        guard let error else {
            return .engine(EngineError(.other, "the call failed without a reason"))
        }
        let frames = Trap.frames { wasmtime_error_wasm_trace(error, $0) }
        let message = CError.takeLine(error)
        // Calls tell an exception as a trap, instantiation does not.
        guard !Trap.isException(message) else {
            return .trap(Trap(code: .uncaughtException, message: message, backtrace: frames))
        }
        return .engine(EngineError(kind, message))
    }
}

package import CWasmtime

/// Making instances, on a fiber and off one.
///
/// Wasmtime refuses its synchronous calls on a fiber ("cannot do blocking `call` from an async context"). Of a
/// `PreInstance` there is an asynchronous form, which is polled in place: without a start function it is done at once.
/// Of an instance with imports given one by one there is none, so the fiber asks `resume()`, which is off it, to make it.
extension Store {
    /// Makes an instance and runs its start function.
    package func instantiate(_ pre: PreInstance) throws(WasmFailure) -> wasmtime_instance_t {
        try self.checkStack()
        guard self.active == nil else {
            return try self.instantiateInPlace { instance, trap, error in
                wasmtime_instance_pre_instantiate_async(pre.pointer, self.context, instance, trap, error)
            }
        }
        var instance = wasmtime_instance_t()
        var trap: OpaquePointer?
        let error = wasmtime_instance_pre_instantiate(pre.pointer, self.context, &instance, &trap)
        guard error == nil, trap == nil else {
            throw self.failure(error: error, trap: trap, kind: .instantiation)
        }
        return instance
    }

    /// Makes an instance with imports in the order of the module, and runs its start function.
    package func instantiate(
        _ module: Module, imports: UnsafeBufferPointer<wasmtime_extern_t>
    ) throws(WasmFailure) -> wasmtime_instance_t {
        try self.checkStack()
        guard imports.count == module.imports.count else {
            throw .engine(
                EngineError(.linking, "\(imports.count) imports are given, the module has \(module.imports.count)"))
        }
        guard let state = self.active else {
            var request = InstanceRequest(module: module.pointer, imports: imports)
            request.perform(in: self.context)
            return try self.result(of: request)
        }
        guard module.hasStart else {
            state.pointee.request = InstanceRequest(module: module.pointer, imports: imports)
            try self.pause(.request)
            guard let request = state.pointee.request else {
                throw .engine(EngineError(.other, "the request for an instance was lost"))
            }
            state.pointee.request = nil
            return try self.result(of: request)
        }
        return try self.instantiateWithStart(module, imports: imports)
    }

    private func result(of request: InstanceRequest) throws(WasmFailure) -> wasmtime_instance_t {
        guard request.error == nil, request.trap == nil else {
            throw self.failure(error: request.error, trap: request.trap, kind: .instantiation)
        }
        return request.instance
    }

    /// A start function may suspend, so it must run on a fiber, and only a linker gives one to imports of all kinds.
    private func instantiateWithStart(
        _ module: Module, imports: UnsafeBufferPointer<wasmtime_extern_t>
    ) throws(WasmFailure) -> wasmtime_instance_t {
        let linker = wasmtime_linker_new(self.engine.pointer)
        defer { wasmtime_linker_delete(linker) }
        // A module may import two things by the same name; a linker cannot tell them apart.
        for (description, item) in zip(module.imports, imports) {
            let (moduleName, name) = (Array(description.module.utf8), Array(description.name.utf8))
            var item = item
            if let error = wasmtime_linker_define(
                linker, self.context, moduleName, moduleName.count, name, name.count, &item)
            {
                throw .engine(EngineError(.linking, CError.takeLine(error)))
            }
        }
        return try self.instantiateInPlace { instance, trap, error in
            wasmtime_linker_instantiate_async(linker, self.context, module.pointer, instance, trap, error)
        }
    }

    /// Polls an instantiation within the running fiber. A start function runs on a fiber of its own, and where it
    /// suspends, this one does too.
    private func instantiateInPlace(
        _ start: (
            UnsafeMutablePointer<wasmtime_instance_t>, UnsafeMutablePointer<OpaquePointer?>,
            UnsafeMutablePointer<OpaquePointer?>
        ) -> OpaquePointer
    ) throws(WasmFailure) -> wasmtime_instance_t {
        let request = UnsafeMutablePointer<InstanceRequest>.allocate(capacity: 1)
        request.initialize(
            to: InstanceRequest(module: self.context, imports: UnsafeBufferPointer(start: nil, count: 0)))
        defer { request.deallocate() }
        guard let state = self.active,
            let instance = request.pointer(to: \.instance), let trap = request.pointer(to: \.trap),
            let error = request.pointer(to: \.error)
        else {
            throw .engine(EngineError(.misuse, "only a fiber instantiates in place"))
        }
        let future = start(instance, trap, error)
        defer { wasmtime_call_future_delete(future) }
        var innerFloor = Self.unknownStackFloor
        while true {
            let floor = self.stackFloor
            self.stackFloor = innerFloor
            let isDone = wasmtime_call_future_poll(future)
            innerFloor = self.stackFloor
            self.stackFloor = floor
            if isDone {
                return try self.result(of: request.pointee)
            }
            try self.pause(state.pointee.suspension)
        }
    }
}

/// An instantiation with imports given one by one, and what came of it.
struct InstanceRequest {
    let module: OpaquePointer
    let imports: UnsafeBufferPointer<wasmtime_extern_t>
    var instance = wasmtime_instance_t()
    var trap: OpaquePointer?
    var error: OpaquePointer?

    init(module: OpaquePointer, imports: UnsafeBufferPointer<wasmtime_extern_t>) {
        self.module = module
        self.imports = imports
    }

    mutating func perform(in context: OpaquePointer) {
        self.error = wasmtime_instance_new(
            context, self.module, self.imports.baseAddress, self.imports.count, &self.instance, &self.trap)
    }
}

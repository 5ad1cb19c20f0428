import CWasmtime
import CWasmtimeComponents
import WasmEngine

/// A component run by Wasmtime's own component linker through its C API, all of its imports traps.
final class WasmtimeComponent {
    private let engine: Engine
    private let component: OpaquePointer
    private let linker: OpaquePointer

    init(_ file: [UInt8], engine: Engine) throws {
        if let missing = cwasmtime_components_load(engine.library.path) {
            let name = String(cString: missing)
            throw BenchmarkError("\(engine.library.path) \(name.isEmpty ? "is not loaded" : "lacks \(name)")")
        }
        self.engine = engine
        var component: OpaquePointer?
        try Self.check(wasmtime_component_new(engine.pointer, file, file.count, &component))
        guard let component else { throw BenchmarkError("Wasmtime made no component and no error") }
        self.component = component
        self.linker = wasmtime_component_linker_new(engine.pointer)
        try Self.check(wasmtime_component_linker_define_unknown_imports_as_traps(self.linker, component))
    }

    deinit {
        wasmtime_component_linker_delete(self.linker)
        wasmtime_component_delete(self.component)
    }

    /// Makes an instance in a store of its own and drops both.
    func instantiate() throws {
        let store = self.makeStore()
        defer { wasmtime_store_delete(store) }
        var instance = wasmtime_component_instance_t()
        try Self.check(
            wasmtime_component_linker_instantiate(
                self.linker, wasmtime_store_context(store), self.component, &instance))
    }

    /// The same on a fiber.
    func instantiateOnFiber() throws {
        let store = self.makeStore()
        defer { wasmtime_store_delete(store) }
        let instance = UnsafeMutablePointer<wasmtime_component_instance_t>.allocate(capacity: 1)
        let error = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: 1)
        error.initialize(to: nil)
        defer {
            instance.deallocate()
            error.deallocate()
        }
        let future = wasmtime_component_linker_instantiate_async(
            self.linker, wasmtime_store_context(store), self.component, instance, error)
        while !wasmtime_call_future_poll(future) {}
        wasmtime_call_future_delete(future)
        try Self.check(error.pointee)
    }

    /// A store whose guests never reach the end of a time slice: none is asked to yield.
    private func makeStore() -> OpaquePointer {
        let store = wasmtime_store_new(self.engine.pointer, nil, nil)
        wasmtime_context_set_epoch_deadline(wasmtime_store_context(store), 1 << 40)
        return store
    }

    private static func check(_ error: OpaquePointer?) throws {
        guard let error else { return }
        defer { wasmtime_error_delete(error) }
        var message = wasm_byte_vec_t()
        wasmtime_error_message(error, &message)
        defer { wasm_byte_vec_delete(&message) }
        let text = String(decoding: UnsafeBufferPointer(start: message.data, count: message.size), as: UTF8.self)
        throw BenchmarkError("Wasmtime: \(text)")
    }
}

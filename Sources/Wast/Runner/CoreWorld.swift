import CWasmtime
import WasmEngine

/// The core instances of one script, in one store, and the names that they can be imported by.
final class CoreWorld {
    struct Running {
        let module: Module
        let instance: wasmtime_instance_t
    }

    private let engine: Engine
    private let store: Store
    private var registered: [String: Running] = [:]

    init(engine: Engine) throws {
        self.engine = engine
        self.store = Store(engine)
        self.store.deadlineTicks = ScriptRunner.deadlineTicks
        for (name, text) in SpectestModules.all {
            let bytes = try Engine.assemble(text)
            let module = try bytes.withUnsafeBytes { try engine.compile($0) }
            self.registered[name] = try self.instantiate(module)
        }
    }

    func register(_ running: Running, as name: String) {
        self.registered[name] = running
    }

    func instantiate(_ module: Module) throws -> Running {
        let imports = try module.imports.map { wanted -> wasmtime_extern_t in
            guard let from = self.registered[wanted.module] else {
                throw RunFailure.link("unknown import: there is no module \"\(wanted.module)\"")
            }
            guard let item = self.store.export(of: from.instance, named: wanted.name) else {
                throw RunFailure.link("unknown import: \"\(wanted.module)\" has no \"\(wanted.name)\"")
            }
            return item
        }
        self.store.cpuTicks = 0
        let instance = try imports.withUnsafeBufferPointer { try self.store.instantiate(module, imports: $0) }
        return Running(module: module, instance: instance)
    }

    func perform(_ action: Action, _ running: Running) throws -> [CoreValue] {
        guard let item = self.store.export(of: running.instance, named: action.field) else {
            throw RunFailure.script("the module exports no \"\(action.field)\"")
        }
        switch action.kind {
        case .invoke(let arguments): return try self.call(item, arguments)
        case .get:
            guard item.kind == UInt8(WASMTIME_EXTERN_GLOBAL) else {
                throw RunFailure.script("\"\(action.field)\" is no global")
            }
            var global = item.of.global
            var value = wasmtime_val_t()
            wasmtime_global_get(self.store.context, &global, &value)
            defer { wasmtime_val_unroot(&value) }
            return [try CoreValue(value)]
        }
    }

    private func call(_ item: wasmtime_extern_t, _ arguments: [Form]) throws -> [CoreValue] {
        guard item.kind == UInt8(WASMTIME_EXTERN_FUNC) else { throw RunFailure.script("the export is no function") }
        var function = item.of.func
        let pointer = wasmtime_func_type(self.store.context, &function)
        defer { wasm_functype_delete(pointer) }
        guard let type = FunctionType(pointer) else {
            throw RunFailure.runner("pass values of the function's types: typed references")
        }
        let values = try arguments.map { try CoreConstant.value($0) }
        guard values.map(\.kind) == type.parameters else {
            throw RunFailure.script("the function is of type \(type)")
        }
        var slots = [RawValue](repeating: RawValue(), count: max(1, type.parameters.count, type.results.count))
        for (index, value) in values.enumerated() { slots[index] = value.raw }
        self.store.cpuTicks = 0
        try slots.withUnsafeMutableBufferPointer { buffer in
            try self.store.call(
                function, UnsafeMutableBufferPointer(rebasing: buffer[0..<max(values.count, type.results.count)]))
        }
        return zip(type.results, slots).map { CoreValue($0, $1) }
    }
}

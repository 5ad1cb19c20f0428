package import CWasmtime

/// An argument or result of a function: 16 bytes, without a type.
package typealias RawValue = wasmtime_val_raw_t

/// A host function: environment, caller (see `Store.current`), arguments that results overwrite, and how many there is
/// room for (the larger of both). Returns nil, or a trap from `Store.trap`.
package typealias HostCallback =
    @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<RawValue>?, Int
    ) -> OpaquePointer?

/// Ties modules to host functions, once, when an application is loaded.
package final class Linker {
    private let engine: Engine
    private let pointer: OpaquePointer

    package init(_ engine: Engine) {
        self.engine = engine
        self.pointer = wasmtime_linker_new(engine.pointer)
    }

    deinit {
        wasmtime_linker_delete(self.pointer)
    }

    /// Defines a host function for the import `module`.`name`.
    ///
    /// `callback` is called with values of `type`, unchecked. `environment` must outlive the linker and what it links.
    package func define(
        module: String, name: String, type: FunctionType, callback: HostCallback,
        environment: UnsafeMutableRawPointer? = nil
    ) throws(EngineError) {
        let functionType = type.make()
        defer { wasm_functype_delete(functionType) }
        let moduleName = Array(module.utf8)
        let functionName = Array(name.utf8)
        if let error = wasmtime_linker_define_func_unchecked(
            self.pointer, moduleName, moduleName.count, functionName, functionName.count, functionType, callback,
            environment, nil)
        {
            throw EngineError(.linking, CError.takeLine(error))
        }
    }

    /// Checks that all imports of `module` are defined with the right types, and prepares its instances.
    package func preInstantiate(_ module: Module) throws(EngineError) -> PreInstance {
        try PreInstance(module: module, linker: self.pointer)
    }
}

/// A module with its imports resolved: the cheapest way to make instances.
package final class PreInstance: Sendable {
    package let module: Module
    // Immutable and thread-safe.
    package nonisolated(unsafe) let pointer: OpaquePointer

    init(module: Module, linker: OpaquePointer) throws(EngineError) {
        var pointer: OpaquePointer?
        if let error = wasmtime_linker_instantiate_pre(linker, module.pointer, &pointer) {
            throw EngineError(.linking, CError.takeLine(error))
        }
        guard let pointer else {
            throw EngineError(.other, "the library linked nothing and reported nothing")
        }
        self.module = module
        self.pointer = pointer
    }

    /// A module without imports.
    convenience init(module: Module, enginePointer: OpaquePointer) throws(EngineError) {
        let linker = wasmtime_linker_new(enginePointer)
        defer { wasmtime_linker_delete(linker) }
        try self.init(module: module, linker: linker)
    }

    deinit {
        wasmtime_instance_pre_delete(self.pointer)
    }
}
